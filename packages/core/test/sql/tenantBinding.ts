/**
 * Whether a statement binds the tenant, judged by its text: every mention of a tenant's table, in whatever sub-query, has its
 * own organization and environment. Made for any adapter: parameters may be `:name`, `?1` or `$1`, or the columns of an input
 * that was bound before (`i.organization`).
 */
import { tenantTables } from "../../src/sql/Migrations.ts"

const value = String.raw`(?::\w+|\?\d*|\$\d+|\w+\.(?:organization|environment))`

/** The tables that the statement touches without binding their tenant; empty when all is well. */
export const unboundTables = (sql: string): ReadonlyArray<string> => {
  const mentions = [...sql.matchAll(/\b(FROM|JOIN|INTO|UPDATE)\s+(\w+)(?:\s+AS\s+(\w+))?/gi)]
  return mentions.flatMap(([, verb = "", table = "", alias]) => {
    if (!tenantTables.includes(table)) return []
    if (verb.toUpperCase() === "INTO") return insertsTenant(sql, table) ? [] : [table]
    const name = alias ?? table
    const bare =
      alias === undefined ? mentions.filter((other) => other[2] === table && other[3] === undefined).length : 1
    return ["organization", "environment"].every((column) => bindings(sql, alias, column) >= bare) ? [] : [name]
  })
}

/** How often a column is compared with a bound value by AND, under its alias or under none. */
const bindings = (sql: string, alias: string | undefined, column: string): number => {
  const before = String.raw`(?:WHERE|ON|AND)\s+`
  const name = alias === undefined ? column : String.raw`${alias}\.${column}`
  return [...sql.matchAll(new RegExp(String.raw`${before}${name} = ${value}(?!\w|\s+OR\b)`, "gi"))].length
}

const insertsTenant = (sql: string, table: string): boolean =>
  new RegExp(
    String.raw`INTO ${table} \(organization, environment,.*?\) (?:VALUES \(${value}, ${value}|SELECT\b)`,
    "is"
  ).test(sql) &&
  (!/ON CONFLICT/i.test(sql) || /ON CONFLICT \(organization, environment,/i.test(sql))
