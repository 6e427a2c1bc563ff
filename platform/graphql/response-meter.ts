import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { type AppError, responseTooLarge, unavailable } from '../errors/app-error.ts'

/** How many bytes the response to one operation may have: the gateway says what is left of its own bound. */
export const maxResponseBytesHeader = 'x-max-response-bytes'
/** For whoever does not say, and for each event of a subscription. */
export const defaultMaxResponseBytes = 4_000_000

/** Counts what the resolvers of one operation give, and tells them to stop. */
export interface ResponseMeter {
  /** Counts bytes of the response. Throws once they are too many, or there is nobody left to answer. */
  take(bytes: number): void
  /** Counts bytes that were read for the response, apart from what is in it. Throws once they are more than it may have. */
  read(bytes: number): void
  /** Nobody waits for the answer any more. */
  leave(): void
  /** Why the operation stopped before its end; undefined while it goes on. */
  stopped(): AppError | undefined
}

export function createResponseMeter(maxBytes: number): ResponseMeter {
  let bytes = 0
  let bytesRead = 0
  let stopped: AppError | undefined
  return {
    take(more) {
      bytes += more
      if (bytes > maxBytes) stopped ??= responseTooLarge(bytes, maxBytes)
      if (stopped) throw stopped
    },
    read(more) {
      bytesRead += more
      if (bytesRead > maxBytes) stopped ??= responseTooLarge(bytesRead, maxBytes)
      if (stopped) throw stopped
    },
    leave() {
      stopped ??= unavailable('The caller has gone.')
    },
    stopped: () => stopped,
  }
}

/** A property of the context, because Apollo Server gives resolvers a copy of the context that it was given. */
const meterKey = Symbol('meter')

/** The context, with a meter that the resolvers of a metered schema tell of what they give. */
export const withMeter = <Context extends object>(context: Context, meter: ResponseMeter): Context => ({
  ...context,
  [meterKey]: meter,
})

export const meterOf = (context: object): ResponseMeter | undefined =>
  (context as { [meterKey]?: ResponseMeter })[meterKey]

/** Has every resolver of the schema tell the meter of its operation what it gives, and stop when that says so. */
export function meterResponses(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) meterField(field)
  }
}

/** The quotes, colon and comma around a key. */
const bytesAroundKey = 4
/** The most of numbers, booleans, times and the names of enums, roughly. */
const bytesOfOther = 24

function meterField(field: GraphQLField<unknown, unknown>): void {
  const resolve = field.resolve ?? defaultFieldResolver
  const isLeaf = isLeafType(getNamedType(field.type))
  field.resolve = (source, args, context, info) => {
    const meter = meterOf(context as object)
    if (!meter) return resolve(source, args, context, info)
    meter.take(String(info.path.key).length + bytesAroundKey)
    const value = resolve(source, args, context, info)
    if (!isLeaf) return value
    const counted = (leaf: unknown) => {
      meter.take(bytesOf(leaf))
      return leaf
    }
    return value instanceof Promise ? value.then(counted) : counted(value)
  }
}

function bytesOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.reduce((sum, each) => sum + bytesOf(each), 0)
  return bytesOfOther
}
