import { testsOverEngines } from "../../vitest.shared.ts"

export default testsOverEngines(["test/conformance", "test/protocol", "test/schema", "test/server"])
