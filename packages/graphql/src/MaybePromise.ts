/** Values that may be there already: going on with them at once, where a promise would wait for its turn. */

/** A value, or the promise of one. */
export type MaybePromise<A> = A | Promise<A>

/** Goes on with a value: now if it is there, else when it comes. */
export const andThen = <A, B>(value: MaybePromise<A>, next: (value: A) => MaybePromise<B>): MaybePromise<B> =>
  value instanceof Promise ? value.then(next) : next(value)
