/** Checks values against the schemas of an OpenAPI 3.1 document, with a validator that is not ours. */
import { Ajv2020 } from "ajv/dist/2020.js"
import addFormats from "ajv-formats"
import type { OpenApi } from "effect/http-api"

/** Says what is wrong with a value: nothing, if it fits. */
export type Check = (value: unknown) => ReadonlyArray<string>

/** The schemas of a document, by pointer. Each is compiled once. */
export const documentSchemas = (document: OpenApi.OpenAPISpec) => {
  // `example` and the like are no keywords of JSON Schema; formats are, and are checked.
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(document, "document")
  const check =
    (pointer: string): Check =>
    (value) => {
      const validate = ajv.getSchema(`document#${pointer}`)
      if (validate === undefined) return [`There is no schema at ${pointer}`]
      return validate(value) === true
        ? []
        : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
    }
  const escape = (segment: string) => encodeURIComponent(segment.replaceAll("~", "~0").replaceAll("/", "~1"))
  return {
    component: (name: string): Check => check(`/components/schemas/${escape(name)}`),
    at: (...path: ReadonlyArray<string>): Check => check(path.map((segment) => `/${escape(segment)}`).join(""))
  }
}
