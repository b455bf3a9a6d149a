/**
 * Sessions: the service that facades and embedders call.
 *
 * Each method takes the {@link Caller} first; the caller's tenant is all that it can see. Every change takes an idempotency
 * key, and then happens at most once, whatever dies and however often it is asked for (contract §4, §6).
 */
import { Context, DateTime, Effect, Layer, Result, Schema } from "effect"
import { CaptureSettings, captureUrl } from "./Capture.ts"
import { requireScope } from "./Caller.ts"
import type { Caller } from "./Caller.ts"
import { cursors } from "./Cursor.ts"
import { parseKey } from "./domain/Idempotency.ts"
import type { IdempotencyKey } from "./domain/Idempotency.ts"
import { SessionId } from "./domain/Ids.ts"
import type { JsonObject } from "./domain/Json.ts"
import { lapse } from "./domain/Lapse.ts"
import type { Session } from "./domain/Session.ts"
import type { Scope } from "./domain/Scope.ts"
import type { SessionStatus } from "./domain/SessionStatus.ts"
import type { FieldIssue } from "./domain/Issue.ts"
import { NotFound, Unprocessable } from "./Errors.ts"
import type { BadRequest, Conflict, Forbidden, Unavailable } from "./Errors.ts"
import { IdGenerator } from "./IdGenerator.ts"
import { makeEngine } from "./internal/Engine.ts"
import { orUnavailable } from "./internal/Available.ts"
import { outcomeCodec } from "./internal/Outcome.ts"
import { parsePage } from "./internal/Page.ts"
import { makeRefusals } from "./internal/Refusals.ts"
import { inSpan } from "./internal/Tracing.ts"
import { Keyring } from "./Keyring.ts"
import * as CreateSession from "./operations/CreateSession.ts"
import type { CreateSessionInput } from "./operations/CreateSession.ts"
import { decideUpon, noExtra } from "./operations/Operation.ts"
import type { Operation } from "./operations/Operation.ts"
import { redactSession } from "./operations/RedactSession.ts"
import type { RedactSessionExtra } from "./operations/RedactSession.ts"
import { updateSession } from "./operations/UpdateSession.ts"
import type { UpdateSessionInput } from "./operations/UpdateSession.ts"
import { parsePageRequest } from "./PageSessions.ts"
import type { PageSessions } from "./PageSessions.ts"
import { SessionStore } from "./store/SessionStore.ts"

/** What a change answers: the session as the change left it, and whether an earlier request made the change. */
export type Outcome<Extra = {}> = { readonly session: Session; readonly replayed: boolean } & Extra

/** What any change can fail with. */
export type ChangeError = BadRequest | Forbidden | Conflict | Unprocessable | Unavailable

/** A page to read: forwards with `first` and `after`, backwards with `last` and `before`; 50 by default, at most 100. */
export interface ListSessions {
  readonly status?: SessionStatus | null | undefined
  readonly externalRef?: string | null | undefined
  readonly first?: number | null | undefined
  readonly after?: string | null | undefined
  readonly last?: number | null | undefined
  readonly before?: string | null | undefined
}

/** A page of sessions, newest first, each with the cursor that stands at it. */
export interface SessionPage {
  readonly edges: ReadonlyArray<{ readonly session: Session; readonly cursor: string }>
  readonly hasNextPage: boolean
  readonly hasPreviousPage: boolean
}

/** A page of sessions by number, newest first. */
export interface NumberedPage {
  readonly sessions: ReadonlyArray<Session>
  /** How many sessions the whole list has. */
  readonly total: number
  readonly limit: number
  readonly offset: number
}

/**
 * The sessions of a caller's tenant.
 *
 * @example
 * const program = Effect.gen(function* () {
 *   const sessions = yield* Sessions
 *   const { session } = yield* sessions.create(caller, { input: { externalRef: "user-42" } })
 *   return yield* sessions.update(caller, {
 *     id: session.id,
 *     input: { metadata: { tier: "gold" } },
 *     idempotencyKey: "order-7-tier"
 *   })
 * })
 */
export class Sessions extends Context.Service<
  Sessions,
  {
    /** Creates a session. Scope `sessions:create`. Fails with `Unprocessable` listing every violated rule. */
    readonly create: (
      caller: Caller,
      request: { readonly input?: CreateSessionInput | undefined; readonly idempotencyKey?: string | null | undefined }
    ) => Effect.Effect<Outcome, ChangeError>

    /** The session with this id. Scope `sessions:read`. `NotFound` for an unknown id and for another tenant's alike. */
    readonly get: (caller: Caller, id: string) => Effect.Effect<Session, Forbidden | NotFound | Unavailable>

    /** A page of sessions. Scope `sessions:read`. `Unprocessable` for a page size or a cursor that is not good here. */
    readonly list: (
      caller: Caller,
      request?: ListSessions
    ) => Effect.Effect<SessionPage, Forbidden | Unprocessable | Unavailable>

    /** A page by number, with the total. Scope `sessions:read`. `Unprocessable` listing everything wrong with the request. */
    readonly page: (
      caller: Caller,
      request?: PageSessions
    ) => Effect.Effect<NumberedPage, Forbidden | Unprocessable | Unavailable>

    /**
     * Merges into the metadata, and replaces or clears the external reference. Scope `sessions:write`. An update that
     * changes nothing succeeds and leaves the session alone. Fails with `Unprocessable` listing every violated rule (the rules on the
     * input first, then the rules on the merged result), and with `Conflict` when another revision was expected.
     */
    readonly update: (
      caller: Caller,
      request: {
        readonly id: string
        readonly input: UpdateSessionInput
        readonly idempotencyKey?: string | null | undefined
      }
    ) => Effect.Effect<Outcome, ChangeError | NotFound>

    /**
     * Erases a session's personal data for good. Scope `redact:write`. Redacting again succeeds and says so. `Conflict` when
     * another revision was expected.
     */
    readonly redact: (
      caller: Caller,
      request: {
        readonly id: string
        readonly expectedRevision?: number | null | undefined
        readonly idempotencyKey?: string | null | undefined
      }
    ) => Effect.Effect<Outcome<RedactSessionExtra>, ChangeError | NotFound>

    /** Where the person goes to show a document, in the state of the session given; `null` when there is no such place. */
    readonly captureUrl: (session: Session) => string | null
  }
>()("@holdfast/core/Sessions") {
  /** Sessions over a store. Closing the layer's scope waits for the changes that are under way. */
  static readonly layer: Layer.Layer<Sessions, never, SessionStore | Keyring | IdGenerator> = Layer.effect(
    Sessions,
    Effect.gen(function* () {
      const store = yield* SessionStore
      const keyring = yield* Keyring
      const ids = yield* IdGenerator
      const settings = yield* CaptureSettings
      const doOnce = yield* makeEngine
      const refused = yield* makeRefusals

      const allow = (caller: Caller, scope: Scope) =>
        Effect.tapError(requireScope(caller, scope), () =>
          caller.apiKey === null
            ? Effect.void
            : refused({
                tenant: caller,
                apiKey: caller.apiKey,
                reason: "insufficient_scope",
                requestId: caller.requestId,
                address: caller.address
              })
        )

      /** What comes before the engine, in the contract's order: the key's syntax, the scope, the rules on the input. */
      const admit = <Input, A, E>(
        caller: Caller,
        scope: Scope,
        request: { readonly idempotencyKey?: string | null | undefined },
        decode: () => Result.Result<Input, ReadonlyArray<FieldIssue>>,
        then: (input: Input, key: IdempotencyKey | null) => Effect.Effect<A, E>
      ) =>
        Effect.suspend((): Effect.Effect<A, E | BadRequest | Forbidden | Unprocessable> => {
          const given = request.idempotencyKey
          const key = given == null ? null : parseKey(given)
          if (key !== null && Result.isFailure(key)) return Effect.fail(key.failure)
          return Effect.flatMap(allow(caller, scope), (): Effect.Effect<A, E | Unprocessable> => {
            const input = decode()
            return Result.isFailure(input)
              ? Effect.fail(Unprocessable.validationFailed(input.failure))
              : then(input.success, key && key.success)
          })
        })

      const perform = <Input extends object, Extra extends object>(operation: Operation<Input, Extra>) => {
        const codec = outcomeCodec(operation.extra)
        return (
          caller: Caller,
          request: { readonly id: string; readonly input: unknown; readonly idempotencyKey?: string | null | undefined }
        ) =>
          admit(
            caller,
            operation.scope,
            request,
            () => operation.decode(request.input),
            (input, key): Effect.Effect<Outcome<Extra>, ChangeError | NotFound> => {
              if (!isSessionId(request.id)) return Effect.fail(new NotFound({ entity: "session" }))
              const performed = doOnce({
                caller,
                operation: operation.name,
                target: request.id,
                session: request.id,
                key,
                input: input as JsonObject,
                codec,
                redacts: operation.redacts === true,
                decide: decideUpon(operation, input)
              })
              return Effect.map(performed, ({ extra, replayed, session }) => ({ ...extra, session, replayed }))
            }
          )
      }

      const update = perform(updateSession)
      const redact = perform(redactSession)
      const created = outcomeCodec(noExtra)

      const create: Sessions["Service"]["create"] = (caller, request) =>
        admit(
          caller,
          "sessions:create",
          request,
          () => CreateSession.decode(request.input === undefined ? {} : request.input),
          Effect.fnUntraced(function* (input, key) {
            const id = yield* ids.next("ses")
            const draft = { id, owner: caller, keyVersion: keyring.current, tokenLifetime: settings.tokenLifetime }
            const { replayed, session } = yield* doOnce({
              caller,
              operation: "createSession",
              target: null,
              session: id,
              key,
              input: { ...input } as JsonObject,
              codec: created,
              decide: (_, now) => CreateSession.decide(draft, input, now)
            })
            return { session, replayed }
          })
        )

      const get = Effect.fnUntraced(function* (caller: Caller, id: string) {
        yield* allow(caller, "sessions:read")
        if (!isSessionId(id)) return yield* new NotFound({ entity: "session" })
        const now = yield* DateTime.now
        const { session } = yield* orUnavailable(
          store.load({ tenant: caller, session: id, key: null, event: null, now })
        )
        return session === null ? yield* new NotFound({ entity: "session" }) : lapse(session, now)
      })

      const list = Effect.fnUntraced(function* (caller: Caller, request: ListSessions = {}) {
        yield* allow(caller, "sessions:read")
        const filter = { status: request.status ?? null, externalRef: request.externalRef ?? null }
        const { decode, encode } = cursors(keyring, caller, filter)
        const page = yield* Effect.fromResult(
          Result.mapError(parsePage(request, decode), Unprocessable.validationFailed)
        )
        const now = yield* DateTime.now
        const found = yield* orUnavailable(
          store.list({ tenant: caller, ...filter, ...page, limit: page.limit + 1, now })
        )
        const more = found.length > page.limit
        const forwards = page.direction === "older"
        const shown = forwards ? found.slice(0, page.limit) : found.slice(0, page.limit).toReversed()
        return {
          edges: shown.map((session) => ({ session: lapse(session, now), cursor: encode(session.id) })),
          hasNextPage: forwards ? more : page.from !== null,
          hasPreviousPage: forwards ? page.from !== null : more
        }
      })

      const page = Effect.fnUntraced(function* (caller: Caller, request: PageSessions = {}) {
        yield* allow(caller, "sessions:read")
        const asked = yield* Effect.fromResult(
          Result.mapError(parsePageRequest(request), Unprocessable.validationFailed)
        )
        const now = yield* DateTime.now
        const found = yield* orUnavailable(store.page({ tenant: caller, ...asked, now }))
        const { limit, offset } = asked
        return { sessions: found.sessions.map((session) => lapse(session, now)), total: found.total, limit, offset }
      })

      return Sessions.of({
        create: (caller, request) => inSpan("Sessions.create", create(caller, request)),
        get: (caller, id) => inSpan("Sessions.get", get(caller, id)),
        list: (caller, request) => inSpan("Sessions.list", list(caller, request)),
        page: (caller, request) => inSpan("Sessions.page", page(caller, request)),
        update: (caller, request) => inSpan("Sessions.update", update(caller, request)),
        redact: (caller, { expectedRevision = null, id, idempotencyKey }) =>
          inSpan("Sessions.redact", redact(caller, { id, idempotencyKey, input: { expectedRevision } })),
        captureUrl: (session) => captureUrl(keyring, settings.publicUrl, session)
      })
    })
  )
}

const isSessionId = Schema.is(SessionId)
