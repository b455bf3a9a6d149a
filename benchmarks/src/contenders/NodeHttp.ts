/** A reference: `node:http` with JSON, and nothing else. */
import { createServer } from "node:http"
import { answerTo } from "../byHand/Nothing.ts"
import type { UpdateArguments } from "../byHand/Schema.ts"
import { setting } from "../Setting.ts"

createServer((request, response) => {
  const chunks: Array<Buffer> = []
  request.on("data", (chunk: Buffer) => chunks.push(chunk))
  request.on("end", () => {
    const { variables } = JSON.parse(Buffer.concat(chunks).toString()) as { variables: UpdateArguments }
    const bytes = Buffer.from(JSON.stringify({ data: { updateSession: answerTo(variables) } }))
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length }).end(bytes)
  })
}).listen(setting().port, "127.0.0.1")
