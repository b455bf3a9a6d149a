/**
 * Ways to run a suite that a store must pass all the same. `TEST_POSTGRES_MODE` names one:
 *
 * - `repeatable-read`, `serializable`: the default isolation of every database.
 * - `flaky`: one transaction in twenty is refused (40001) at its commit.
 */
import { Config, Effect } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql"
import { execute, freshDatabase } from "./Database.ts"

const isolation: Record<string, string> = { "repeatable-read": "repeatable read", serializable: "serializable" }

/** A database of the mode; its URL. Call {@link beDifficult} when its tables are there. */
export const testDatabase = (server: string): Effect.Effect<string, unknown, Scope.Scope> =>
  Effect.flatMap(mode, (mode) => {
    const level = isolation[mode]
    return freshDatabase(server, level === undefined ? {} : { settings: { default_transaction_isolation: level } })
  })

/** In the mode `flaky`, makes transactions on the tables fail from now on. */
export const beDifficult = (url: string, tables: ReadonlyArray<string>): Effect.Effect<void, unknown> =>
  Effect.flatMap(mode, (mode) => (mode === "flaky" ? refuseSome(url, tables) : Effect.void))

const mode = Config.String("TEST_POSTGRES_MODE").pipe(Config.withDefault("plain"))

/** From now on one transaction in twenty on the tables is refused at its commit: by its number, so that the next try is another. */
export const refuseSome = (url: string, tables: ReadonlyArray<string>): Effect.Effect<void, SqlError.SqlError> =>
  Effect.asVoid(
    execute(url, [
      `CREATE FUNCTION refuse_some() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF abs(hashint8(pg_current_xact_id()::text::bigint)) % 20 = 0 THEN
          RAISE EXCEPTION 'injected' USING ERRCODE = '40001';
        END IF;
        RETURN NULL;
      END $$`,
      ...tables.map(
        (table) => `CREATE CONSTRAINT TRIGGER refuse_some AFTER INSERT OR UPDATE OR DELETE ON ${table}
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_some()`
      )
    ])
  )
