/**
 * GraphiQL, whole and offline: one page with everything in it. The renderer is heavy (9 MB of script), so it is loaded with
 * the first page that is asked for; a page is compressed once and kept, and a browser that has it is told so.
 */
import { createHash } from "node:crypto"
import { promisify } from "node:util"
import { brotliCompress, constants, gzip } from "node:zlib"
import type { GraphiQLPage } from "../plugins/GraphiQL.ts"
import { browserStorage } from "./BrowserStorage.ts"
import { isLoopbackRequest } from "./Loopback.ts"
import { makeTabs } from "./Tabs.ts"
import type { Prefill } from "./Tabs.ts"

/**
 * The page. Its tabs are filled with the key and the session given, for requests from this machine only; pass `null` where the
 * server listens for others too.
 */
export const makeGraphiQL = (prefill: Prefill | null): GraphiQLPage => {
  const empty = once(() => renderPage(null))
  const filled = once(() => renderPage(prefill))
  return async (request, { address }) => {
    const page = await (prefill !== null && isLoopbackRequest(request, address) ? filled() : empty())
    const [encoding, bytes] = await page.encode(request.headers.get("accept-encoding") ?? "")
    const etag = `"${page.hash}-${encoding}"`
    const headers = new Headers({ ...pageHeaders, etag })
    if (request.headers.get("if-none-match") === etag) return new Response(null, { status: 304, headers })
    headers.set("content-length", String(bytes.length))
    if (encoding !== "identity") headers.set("content-encoding", encoding)
    return new Response(bytes, { headers })
  }
}

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  // It may hold a key, and depends on who asks: no cache but the browser's own, and that asks first.
  "cache-control": "private, no-cache",
  vary: "accept, accept-encoding, host",
  // The page says for itself that it works offline, and that nobody may frame it.
  "content-security-policy": [
    "default-src 'none'",
    "connect-src 'self'",
    "font-src data:",
    "frame-ancestors 'none'",
    "img-src data:",
    "script-src 'unsafe-inline' blob:",
    "style-src 'unsafe-inline'",
    "worker-src blob:"
  ].join("; "),
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

/** GraphiQL moves a tab aside when the mouse goes down on it, so that the click misses: tabs stay where they are. */
const style = "<style>.graphiql-tab { transform: none !important }</style>"

const renderPage = async (prefill: Prefill | null) => {
  const { renderGraphiQL } = await import("@graphql-yoga/render-graphiql")
  const tabs = makeTabs(prefill)
  const marker = "holdfast-storage"
  // An empty query to begin with, or a tab with a greeting would be added to ours.
  const options = { title: "Holdfast", defaultQuery: "", storage: marker }
  // The renderer takes JSON, and a storage is an object with methods: it goes where the marker stands.
  const storage = `(${String(browserStorage)})(${literal(sha256(JSON.stringify(tabs)))}, ${literal(tabs)})`
  const page = renderGraphiQL(options)
    .replace("</head>", `${style}</head>`)
    .replace(JSON.stringify(marker), () => storage)
  const html = Buffer.from(page)
  const encodings = {
    br: once(() => brotli(html, { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } })),
    gzip: once(() => gzipped(html)),
    identity: () => Promise.resolve(html)
  }
  return {
    hash: sha256(html),
    encode: async (accepted: string) => {
      const encoding =
        (["br", "gzip"] as const).find((name) => new RegExp(`\\b${name}\\b`).test(accepted)) ?? "identity"
      return [encoding, await encodings[encoding]()] as const
    }
  }
}

const brotli = promisify(brotliCompress)
const gzipped = promisify(gzip)

const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("base64url").slice(0, 22)

/** JSON inside a script: `</script>` and `<!--` would end it. */
const literal = (value: unknown): string => JSON.stringify(value).replaceAll("<", "\\u003c")

const once = <A>(make: () => Promise<A>): (() => Promise<A>) => {
  let made: Promise<A> | undefined
  return () => (made ??= make())
}
