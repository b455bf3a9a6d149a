/** Yoga with resolvers by hand on `node:sqlite`. */
import { openSqlite } from "../byHand/Sqlite.ts"
import { serveYoga } from "../byHand/Yoga.ts"
import { setting, sqlitePath } from "../Setting.ts"

serveYoga(openSqlite(sqlitePath(setting().databaseUrl)))
