import { GraphQLScalarType } from 'graphql'

/** Times leave as RFC 3339 text in UTC with milliseconds. No input takes one. */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString()
    throw new TypeError('A DateTime must be a Date')
  },
})
