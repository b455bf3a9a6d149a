/**
 * Whether a request comes from this machine and means it. GraphiQL is filled with a key only then, so that the key reaches
 * neither another machine nor a page of another site that had its name resolve to this one.
 */
import { addressTest } from "@holdfast/core"
import type { HttpRequest } from "../Context.ts"

const isLoopbackAddress = addressTest(["127.0.0.0/8", "::1"])

/** Whether a host, as the server is bound to it or as a browser asks for it, is this machine and no other. */
export const isLoopbackHost = (host: string): boolean => host === "localhost" || isLoopbackAddress(host)

/** Headers by which a proxy shows itself: behind one, everybody's peer is this machine. */
const proxied = /^(forwarded|via|x-real-ip|x-forwarded-.*|cf-connecting-ip)$/

/** Whether the client at `address` and the `Host` it asks for are this machine, and no proxy stands between. */
export const isLoopbackRequest = ({ headers }: Pick<HttpRequest, "headers">, address: string | null): boolean => {
  const [, ipv6, name] = /^(?:\[([\da-f:.]+)\]|([^:@/[\]]+))(?::\d+)?$/i.exec(headers.get("host") ?? "") ?? []
  const hostname = ipv6 ?? name ?? ""
  const direct = [...headers.keys()].every((name) => !proxied.test(name))
  return direct && isLoopbackHost(hostname) && isLoopbackAddress(address ?? "")
}
