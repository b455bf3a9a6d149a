/** The schema as it is published: complete, documented, named by rule, and changed only on purpose. */
import { assert, describe, expect, it } from "@effect/vitest"
import {
  BadRequest,
  CaseStatus,
  Conflict,
  DocumentType,
  EnvironmentKind,
  Forbidden,
  IssueCode,
  KeyInflection,
  RetentionStatus,
  Session,
  SessionStatus,
  Unprocessable
} from "@holdfast/core"
import {
  BreakingChangeType,
  buildSchema,
  findSchemaChanges,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
  printSchema,
  validateSchema
} from "graphql"
import type { GraphQLNamedType } from "graphql"
import { readFileSync } from "node:fs"
import { makeSchema } from "../../src/Schema.ts"
import { unreachableSessions } from "./Ask.ts"

const schema = makeSchema({ sessions: unreachableSessions })

const types = Object.values(schema.getTypeMap())
  .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1))
const directives = schema.getDirectives().filter((directive) => !isSpecifiedDirective(directive))
const mutations = Object.values(schema.getMutationType()?.getFields() ?? {})

const snapshot = "schema.graphql.snap"

describe("the schema", () => {
  it("is valid", () => {
    assert.deepStrictEqual(validateSchema(schema), [])
  })

  it("breaks no client: compared with the snapshot nothing is gone, narrower or newly required", () => {
    const published = buildSchema(readFileSync(new URL(snapshot, import.meta.url), "utf8"))
    assert.deepStrictEqual(
      findSchemaChanges(published, schema)
        .filter(({ type }) => type in BreakingChangeType)
        .map(({ description }) => description),
      []
    )
  })

  it("is the one in the snapshot, which `vitest run -u` rewrites", async () => {
    await expect(`${printSchema(schema)}\n`).toMatchFileSnapshot(`./${snapshot}`)
  })

  it("tells caches its possible types, in the file that the package ships", () => {
    const possibleTypes = Object.fromEntries(
      types.filter(isAbstractType).map((type) => [type.name, schema.getPossibleTypes(type).map(({ name }) => name)])
    )
    const shipped: unknown = JSON.parse(readFileSync(new URL("../../possible-types.json", import.meta.url), "utf8"))
    assert.deepStrictEqual(shipped, possibleTypes)
  })
})

describe("the documentation", () => {
  it("describes the schema, every type, field, argument, input field, enum value and directive", () => {
    const elements: Array<readonly [coordinate: string, { readonly description?: string | null | undefined }]> = [
      ["schema", schema]
    ]
    for (const type of types) {
      elements.push([type.name, type])
      if (isEnumType(type)) for (const value of type.getValues()) elements.push([`${type.name}.${value.name}`, value])
      if (isInputObjectType(type)) {
        for (const field of Object.values(type.getFields())) elements.push([`${type.name}.${field.name}`, field])
      }
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          elements.push([`${type.name}.${field.name}`, field])
          for (const argument of field.args) elements.push([`${type.name}.${field.name}(${argument.name}:)`, argument])
        }
      }
    }
    for (const directive of directives) {
      elements.push([`@${directive.name}`, directive])
      for (const argument of directive.args) elements.push([`@${directive.name}(${argument.name}:)`, argument])
    }
    const silent = elements.filter(([, { description }]) => !description?.trim()).map(([coordinate]) => coordinate)
    assert.deepStrictEqual(silent, [])
    assert.isAbove(elements.length, 100)
  })
})

describe("the names", () => {
  const fieldsOf = (type: GraphQLNamedType) =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type) ? Object.values(type.getFields()) : []

  it("of types are PascalCase, of fields camelCase, of enum values SCREAMING_SNAKE", () => {
    for (const type of types) {
      assert.match(type.name, /^[A-Z][A-Za-z]*$/)
      for (const field of fieldsOf(type)) assert.match(field.name, /^[a-z][A-Za-z]*$/)
      if (isEnumType(type)) for (const { name } of type.getValues()) assert.match(name, /^[A-Z]+(_[A-Z]+)*$/)
    }
  })

  for (const mutation of mutations) {
    const Name = mutation.name.replace(/^[a-z]/, (letter) => letter.toUpperCase())

    it(`of ${mutation.name} follow the rule: (id: ID!, input: ${Name}Input!): ${Name}Result`, () => {
      const allowed = ["id: ID!", `input: ${Name}Input!`]
      assert.includeMembers(
        allowed,
        mutation.args.map(({ name, type }) => `${name}: ${String(type)}`)
      )
      assert.isNotEmpty(mutation.args)

      const result = mutation.type
      assert.isTrue(isUnionType(result), "nullable, so that it cannot erase the result of another field")
      if (!isUnionType(result)) return
      assert.strictEqual(result.name, `${Name}Result`)
      const [success, ...errors] = result.getTypes()
      assert.strictEqual(success?.name, `${Name}Success`)
      const shape = Object.values(success?.getFields() ?? {}).map(({ name, type }) => `${name}: ${String(type)}`)
      assert.includeMembers(shape, ["session: Session!", "replayed: Boolean!"])
      assert.include(
        errors.map(({ name }) => name),
        "ConflictError"
      )
      for (const error of errors) {
        assert.deepStrictEqual(
          error.getInterfaces().map(({ name }) => name),
          ["UserError"]
        )
      }
    })
  }

  it("of every field of Query promise nothing that a refusal would have to break", () => {
    for (const { name, type } of Object.values(schema.getQueryType()?.getFields() ?? {})) {
      assert.isFalse(isNonNullType(type), name)
    }
  })

  it("of every field of a session are there, but for the capture token's identity, and the URL that is made from it", () => {
    const session = schema.getType("Session")
    const expected = Object.keys(Session.fields).map((name) => (name === "capture" ? "captureUrl" : name))
    assert.sameMembers(isObjectType(session) ? Object.keys(session.getFields()) : [], expected)
  })
})

describe("the enums", () => {
  const valuesOf = (name: string) => {
    const type = schema.getType(name)
    return isEnumType(type) ? type.getValues() : []
  }

  const ofTheLibrary = {
    SessionStatus,
    DocumentType,
    RetentionStatus,
    CaseStatus,
    EnvironmentKind,
    KeyInflection,
    IssueCode
  }

  for (const [name, { literals }] of Object.entries(ofTheLibrary)) {
    it(`${name} has the library's values and no others`, () => {
      assert.sameMembers(
        valuesOf(name).map(({ value }): unknown => value),
        [...literals]
      )
    })
  }

  it("ErrorCode has every code of the library, and those of the protocol", () => {
    const library = [BadRequest, Forbidden, Conflict, Unprocessable].flatMap(
      ({ fields }): ReadonlyArray<string> => fields.code.literals
    )
    assert.sameMembers(
      valuesOf("ErrorCode").map(({ value }): unknown => value),
      [
        ...library,
        "unauthorized",
        "not_found",
        "rate_limited",
        "unavailable",
        "graphql_parse_failed",
        "graphql_validation_failed",
        "bad_user_input",
        "query_too_complex",
        "payload_too_large",
        "internal_server_error"
      ]
    )
  })

  it("are all written in the library's lower case inside", () => {
    for (const type of types.filter(isEnumType)) {
      for (const { name, value } of type.getValues()) assert.strictEqual(value, name.toLowerCase())
    }
  })
})

describe("the scalars", () => {
  it("say where they are specified", () => {
    for (const type of types.filter(isScalarType)) assert.isString(type.specifiedByURL, type.name)
  })
})
