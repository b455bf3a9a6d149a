/**
 * Violations: how a schema says which rule of the contract an input broke.
 *
 * A rule is a schema check that carries a code and a sentence. Decoding with {@link decodeAll} walks the whole input and
 * lists every violated rule at once, each with a path in the input's own names. Neither path nor sentence ever holds a
 * rejected value, and a segment of a path is cut at 128 code points.
 */
import { Predicate, Result, Schema, SchemaAST, SchemaIssue } from "effect"
import { IssueCode } from "./Issue.ts"
import type { FieldIssue } from "./Issue.ts"
import { isPlainObject, snapshot } from "./Json.ts"
import { truncate } from "./Text.ts"

/** A longer name in a path is cut here, in code points. */
const maxSegment = 128

const sentences: Record<IssueCode, string> = {
  wrong_type: "has the wrong type",
  too_long: "is too long",
  too_large: "is too large",
  too_many_keys: "has too many keys",
  too_deep: "is nested more than 16 levels deep",
  empty_key: "is an empty key",
  forbidden_key: "is a key that is not allowed",
  invalid_text: "contains NUL or a lone surrogate",
  not_finite: "is not a finite number",
  unsafe_number: "is an integer beyond ±(2^53 - 1)",
  immutable_field: "cannot be set",
  unknown_value: "is not one of the allowed values"
}

/** A violation at `path` with the code's own sentence, or a more telling one. */
export const violation = (
  path: ReadonlyArray<string>,
  code: IssueCode,
  message: string = sentences[code]
): FieldIssue => ({ path: path.map((segment) => truncate(segment, maxSegment)), code, message })

/**
 * A check for one rule.
 *
 * @example
 * Schema.String.check(rule("too_long", "may have at most 255 characters", (text) => atMostCodePoints(text, 255)))
 */
export const rule = <T>(code: IssueCode, message: string, holds: (value: T) => boolean): SchemaAST.Filter<T> =>
  Schema.makeFilter((value: T) => holds(value), { code, message })

/** A check for several rules at once: `find` lists the violations, with paths relative to the checked value. */
export const rules = <T>(find: (value: T) => ReadonlyArray<FieldIssue>): SchemaAST.Filter<T> =>
  Schema.makeFilter((value: T) =>
    find(value).map(({ code, message, path }) => ({
      path,
      issue: new SchemaIssue.InvalidValue({ code, message })
    }))
  )

// A list, or a value of metadata, of more parts than that has more bytes than it may have.
const maxParts = 16_384

// So many fields that a schema does not have are named; a body of a megabyte could have a hundred thousand.
const maxUnknown = 100

/**
 * Decodes a struct with every rule checked and no field ignored: the value, or all violations. What is decoded is a copy, so
 * that nobody can change it afterwards.
 *
 * `immutable` is the sentence for a field that the schema does not have, such as
 * `"cannot be changed: only the external reference and the metadata can"`. `isGood` says at once, of what has no such field, whether
 * the schema takes it: where it does, and nothing is to be made of the input, the schema need not be walked.
 */
export const decodeAll = <S extends Schema.Codec<unknown, unknown> & { readonly fields: object }>(
  schema: S,
  immutable?: string,
  isGood?: (known: Record<string, unknown>) => known is Record<string, unknown> & S["Type"]
): ((input: unknown) => Result.Result<S["Type"], ReadonlyArray<FieldIssue>>) => {
  const decode = Schema.decodeUnknownResult(schema, { errors: "all" })
  const isField = (name: string) => Object.hasOwn(schema.fields, name)
  return (input) => {
    if (!isPlainObject(input) || Object.getOwnPropertySymbols(input).length > 0) {
      return Result.fail([violation([], "wrong_type", "must be an object")])
    }
    const known: Record<string, unknown> = {}
    const unknown: Array<FieldIssue> = []
    for (const name of Object.keys(input)) {
      if (isField(name)) known[name] = snapshot(input[name], maxParts)
      else if (unknown.length < maxUnknown) unknown.push(violation([name], "immutable_field", immutable))
    }
    if (unknown.length === 0 && isGood?.(known)) return Result.succeed(known)
    const decoded = decode(known)
    if (Result.isFailure(decoded)) return Result.fail([...unknown, ...flatten(decoded.failure.issue, [])])
    return unknown.length > 0 ? Result.fail(unknown) : Result.succeed(decoded.success)
  }
}

const flatten = (issue: SchemaIssue.Issue, path: ReadonlyArray<string>): ReadonlyArray<FieldIssue> => {
  switch (issue._tag) {
    case "Pointer":
      return flatten(issue.issue, [...path, ...issue.path.map(String)])
    case "Composite":
      return issue.issues.flatMap((inner) => flatten(inner, path))
    case "AnyOf":
      return fromAlternatives(issue, path)
    case "Encoding":
      return flatten(issue.issue, path)
    case "Filter": {
      const own = annotated(issue.filter.annotations, path)
      return own === undefined ? flatten(issue.issue, path) : [own]
    }
    case "InvalidValue":
      return [annotated(issue.annotations, path) ?? violation(path, "wrong_type")]
    case "InvalidType":
      return [annotated(issue.ast.annotations, path) ?? violation(path, "wrong_type")]
    default:
      return [violation(path, "wrong_type")]
  }
}

/**
 * Of `null`, text or nothing: a value that is none of them gets the sentence of the whole; one that is text but breaks a rule
 * gets that rule.
 */
const fromAlternatives = (issue: SchemaIssue.AnyOf, path: ReadonlyArray<string>): ReadonlyArray<FieldIssue> => {
  const broken = issue.issues.flatMap((inner) => flatten(inner, path))
  const rules = broken.filter((found) => found.code !== "wrong_type" || found.path.length > path.length)
  return rules.length > 0 ? rules : [sentenceOf(issue.ast, path) ?? violation(path, "wrong_type")]
}

/** The sentence of a schema, or of the first of its alternatives that has one. */
const sentenceOf = (ast: SchemaAST.AST, path: ReadonlyArray<string>): FieldIssue | undefined => {
  const own = annotated(ast.annotations, path)
  if (own !== undefined || !SchemaAST.isUnion(ast)) return own
  for (const alternative of ast.types) {
    const found = sentenceOf(alternative, path)
    if (found !== undefined) return found
  }
  return undefined
}

const annotated = (annotations: unknown, path: ReadonlyArray<string>): FieldIssue | undefined => {
  if (!Predicate.isObject(annotations)) return undefined
  const message = Predicate.hasProperty(annotations, "message") ? annotations.message : undefined
  if (!Predicate.isString(message)) return undefined
  const code = Predicate.hasProperty(annotations, "code") ? annotations.code : "wrong_type"
  return isIssueCode(code) ? violation(path, code, message) : undefined
}

const isIssueCode = Schema.is(IssueCode)
