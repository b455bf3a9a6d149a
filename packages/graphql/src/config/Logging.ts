/**
 * The log: on stderr, because stdout belongs to what a command prints. `json` and `logfmt` write one line an entry.
 */
import { Layer, Logger, References } from "effect"
import type { LogFormat, Settings } from "./Settings.ts"

const loggers: Record<LogFormat, Logger.Logger<unknown, void>> = {
  pretty: Logger.consolePretty({ colors: process.stderr.isTTY }),
  json: Logger.withConsoleError(Logger.formatJson),
  logfmt: Logger.withConsoleError(Logger.formatLogFmt)
}

/** Logs as the settings say. */
export const layerLogging = (settings: Pick<Settings, "logFormat" | "logLevel">): Layer.Layer<never> =>
  Layer.mergeAll(
    Logger.layer([loggers[settings.logFormat]]),
    Layer.succeed(Logger.LogToStderr, true),
    Layer.succeed(References.MinimumLogLevel, settings.logLevel)
  )
