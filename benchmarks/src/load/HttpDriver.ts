/** The driver of a contender that is a server. */
import { contenderNamed } from "../Contenders.ts"
import { drive } from "./Driver.ts"
import { httpClient } from "./HttpClient.ts"

drive(async (place) => {
  const { serves } = contenderNamed(place.contender)
  if (serves === null) throw new Error(`${place.contender} is no server`)
  return httpClient(serves, place)
})
