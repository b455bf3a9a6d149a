/** PostGraphile 5: the mutation is a function in the database, which PostGraphile finds and serves. */
import { GraphQLError } from "graphql"
import { postgraphile } from "postgraphile"
import { makePgService } from "postgraphile/adaptors/pg"
import { grafserv } from "postgraphile/grafserv/node"
import { PostGraphileAmberPreset } from "postgraphile/presets/amber"
import { randomUUID } from "node:crypto"
import { createServer } from "node:http"
import { openPostgres } from "../src/byHand/Postgres.ts"
import { setting } from "../src/Setting.ts"

const { databaseUrl, port } = setting()
const { authenticate, pool } = openPostgres(databaseUrl)

await pool.query(`
  CREATE SCHEMA IF NOT EXISTS api;
  DROP TYPE IF EXISTS api.update_result CASCADE;
  CREATE TYPE api.update_result AS (session TEXT, revision INTEGER, metadata JSONB, replayed BOOLEAN, refused TEXT);

  CREATE FUNCTION api.update_session(id TEXT, metadata JSONB) RETURNS api.update_result LANGUAGE plpgsql VOLATILE AS $$
  DECLARE
    org TEXT := current_setting('caller.organization');
    env TEXT := current_setting('caller.environment');
    new_key TEXT := current_setting('caller.key');
    fingerprint TEXT := encode(sha256(convert_to(id || metadata::text, 'utf8')), 'base64');
    current public.sessions;
    known public.idempotency_keys;
    merged JSONB;
    result api.update_result;
    claimed INTEGER;
  BEGIN
    SELECT * INTO current FROM public.sessions s
      WHERE s.organization = org AND s.environment = env AND s.id = update_session.id FOR UPDATE;
    SELECT * INTO known FROM public.idempotency_keys k
      WHERE k.organization = org AND k.environment = env AND k.key = new_key AND k.expires_at > now();
    IF known IS NULL AND current IS NULL THEN
      result.refused := 'not_found';
      RETURN result;
    END IF;
    IF known IS NULL THEN
      IF EXISTS (SELECT FROM jsonb_each(metadata) AS p(key, value)
          WHERE length(p.key) NOT BETWEEN 1 AND 128 OR octet_length(p.value::text) > 16384) THEN
        result.refused := 'validation_failed';
        RETURN result;
      END IF;
      SELECT coalesce(jsonb_object_agg(m.key, m.value), '{}') INTO merged
        FROM jsonb_each(current.metadata || metadata) AS m(key, value) WHERE m.value <> 'null' OR NOT metadata ? m.key;
      IF (SELECT count(*) FROM jsonb_object_keys(merged)) > 50 THEN
        result.refused := 'validation_failed';
        RETURN result;
      END IF;
      result := (id, current.revision + 1, merged, false, null);
      INSERT INTO public.idempotency_keys AS k (organization, environment, key, fingerprint, outcome, expires_at)
        VALUES (org, env, new_key, fingerprint, to_jsonb(result), now() + interval '1 day')
        ON CONFLICT (organization, environment, key) DO UPDATE
        SET fingerprint = excluded.fingerprint, outcome = excluded.outcome, expires_at = excluded.expires_at
        WHERE k.expires_at <= now();
      GET DIAGNOSTICS claimed = ROW_COUNT;
      IF claimed = 1 THEN
        UPDATE public.sessions s SET revision = result.revision, metadata = merged, updated_at = now()
          WHERE s.organization = org AND s.environment = env AND s.id = update_session.id;
        INSERT INTO public.events (organization, environment, session, revision, id, type, changed, at)
          VALUES (org, env, id, result.revision, gen_random_uuid()::text, 'session.updated', '["metadata"]', now());
        INSERT INTO public.audit (organization, environment, id, action, session, request_id, at)
          VALUES (org, env, gen_random_uuid()::text, 'updateSession', id, current_setting('caller.request_id'), now());
        RETURN result;
      END IF;
      -- Another request claimed the key while this one waited.
      SELECT * INTO known FROM public.idempotency_keys k
        WHERE k.organization = org AND k.environment = env AND k.key = new_key;
    END IF;
    IF known.fingerprint <> fingerprint THEN
      result := (null, null, null, null, 'idempotency_mismatch');
      RETURN result;
    END IF;
    result := jsonb_populate_record(null::api.update_result, known.outcome);
    result.replayed := true;
    RETURN result;
  END
  $$;
`)

const serv = postgraphile({
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: databaseUrl, schemas: ["api"], poolConfig: { max: 16 } })],
  grafast: {
    context: async ({ node }) => {
      const header = (name: string) => node?.req.headersDistinct[name]?.[0]
      const tenant = await authenticate(header("x-api-key"))
      if (tenant === null) throw new GraphQLError("The API key is not good", { extensions: { code: "UNAUTHORIZED" } })
      return {
        pgSettings: {
          "caller.organization": tenant.organization,
          "caller.environment": tenant.environment,
          "caller.key": header("idempotency-key") ?? randomUUID(),
          "caller.request_id": header("x-request-id") ?? randomUUID()
        }
      }
    }
  },
  grafserv: { graphiql: false, websockets: false, watch: false }
}).createServ(grafserv)

const server = createServer()
await serv.addTo(server)
server.listen(port, "127.0.0.1")
