/** What a contender's program is told: where to listen, and where its data is. */

/** The settings of this process. */
export const setting = () => ({
  port: Number(process.env["PORT"]),
  databaseUrl: process.env["DATABASE_URL"] ?? "",
  secret: process.env["HOLDFAST_PEPPER"] ?? ""
})

/** The path in a URL such as `sqlite:data/file.db`. */
export const sqlitePath = (url: string): string => url.replace(/^sqlite:/, "")
