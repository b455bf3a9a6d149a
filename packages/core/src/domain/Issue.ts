/** Issues: what is said of an input that breaks a rule. How rules are checked is in `Violation.ts`. */
import { Schema } from "effect"

/** What can be wrong with a field (contract §5). */
export const IssueCode = Schema.Literals([
  "wrong_type",
  "too_long",
  "too_large",
  "too_many_keys",
  "too_deep",
  "empty_key",
  "forbidden_key",
  "invalid_text",
  "not_finite",
  "unsafe_number",
  "immutable_field",
  "unknown_value"
])
/** What can be wrong with a field (contract §5). */
export type IssueCode = typeof IssueCode.Type

/** One violated rule: where, which, and what is allowed instead. Never the rejected value. */
export const FieldIssue = Schema.Struct({
  path: Schema.Array(Schema.String),
  code: IssueCode,
  message: Schema.String
})
/** One violated rule: where, which, and what is allowed instead. Never the rejected value. */
export type FieldIssue = typeof FieldIssue.Type
