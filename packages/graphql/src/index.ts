/** The GraphQL facade of Holdfast. */
export {}
