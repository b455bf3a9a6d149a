/**
 * The SDL: `schema/*.graphql`, one file per concern, which source and build alike find beside their own folder. It is the
 * source of truth for clients, and everything else (resolver types, enum values, the printed schema) is derived from it.
 */
import { concatAST, parse, Source } from "graphql"
import type { DocumentNode } from "graphql"
import { readdirSync, readFileSync } from "node:fs"

const directory = new URL("../schema/", import.meta.url)

/** Reads the SDL. */
export const loadTypeDefs = (): DocumentNode =>
  concatAST(
    readdirSync(directory)
      .filter((name) => name.endsWith(".graphql"))
      .toSorted()
      .map((name) => parse(new Source(readFileSync(new URL(name, directory), "utf8"), name)))
  )
