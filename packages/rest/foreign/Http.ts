/** How the generated client sends: to the service and with the key that the program was given. */
let service = { url: "", apiKey: "" }

/** Says where the service is, and who asks. */
export const connect = (given: typeof service): void => {
  service = given
}

/** Called by the generated code. */
export const http = async <T>(path: string, init: RequestInit): Promise<T> => {
  const headers = { ...init.headers, "x-api-key": service.apiKey }
  const response = await fetch(service.url + path, { ...init, headers })
  return { status: response.status, data: await response.json(), headers: response.headers } as T
}
