/** Yoga with resolvers by hand on `pg`. */
import { openPostgres } from "../byHand/Postgres.ts"
import { serveYoga } from "../byHand/Yoga.ts"
import { setting } from "../Setting.ts"

serveYoga(openPostgres(setting().databaseUrl))
