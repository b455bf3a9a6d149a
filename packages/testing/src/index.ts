/** What the tests of a program built on Holdfast need. */
export {}
