/**
 * The fields of `Mutation`. Each is one call of the library; its success and the errors that its caller can act on become a
 * member of the field's union, everything else an entry of `errors`.
 */
import type { Caller, CreateSessionInput, HoldfastError, Sessions, UpdateSessionInput } from "@holdfast/core"
import { Effect } from "effect"
import type { GraphQLContext } from "../Context.ts"
import { toMember } from "../ErrorMapping.ts"
import type { MemberOf } from "../ErrorMapping.ts"
import type { MutationResolvers, ResolverFn } from "../generated/resolvers.ts"
import { callerOf } from "./CallerOf.ts"

/** The fields of `Mutation` over sessions. */
export const makeMutation = (sessions: Sessions["Service"]): MutationResolvers => ({
  // The schema knows `metadata` as anything at all: the library decodes the inputs itself, to report everything at once.
  createSession: mutation("CreateSessionSuccess", (caller, { input }, idempotencyKey) =>
    sessions.create(caller, { input: input as CreateSessionInput, idempotencyKey })
  ),
  updateSession: mutation("UpdateSessionSuccess", (caller, { id, input }, idempotencyKey) =>
    sessions.update(caller, { id, input: input as UpdateSessionInput, idempotencyKey })
  ),
  redactSession: mutation("RedactSessionSuccess", (caller, { id }, idempotencyKey) =>
    sessions.redact(caller, { id, idempotencyKey })
  )
})

/**
 * A mutation field whose success is of the type named, with the idempotency key that the request has for it. A success under
 * a key is reported; a failure stored nothing, so there is nothing to report of it.
 */
const mutation =
  <const Success extends string, Args, Outcome extends { readonly replayed: boolean }, E extends HoldfastError>(
    success: Success,
    perform: (caller: Caller, args: Args, idempotencyKey: string | null) => Effect.Effect<Outcome, E>
  ): ResolverFn<
    (Outcome & { readonly __typename: Success }) | MemberOf<E>,
    Record<PropertyKey, never>,
    GraphQLContext,
    Args
  > =>
  (_, args, context, { path }) => {
    const responseKey = String(path.key)
    const key = context.idempotencyKeys.get(responseKey) ?? null
    const succeed = (outcome: Outcome) => {
      if (key !== null) context.idempotencyReports.push({ path: [responseKey], key, replayed: outcome.replayed })
      return { ...outcome, __typename: success }
    }
    return context.run(perform(callerOf(context), args, key).pipe(Effect.map(succeed), Effect.catch(toMember)))
  }
