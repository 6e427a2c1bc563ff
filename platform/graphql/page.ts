/** A page of a list as Relay connections have it. */
export interface Page<T> {
  items: T[]
  hasNextPage: boolean
  hasPreviousPage: boolean
}

/** A page of `count` items, from a read that asked for one more. `hasPreviousPage`: whether the list has an item before them. */
export function toPage<T>(read: T[], count: number, hasPreviousPage: boolean): Page<T> {
  return { items: read.slice(0, count), hasNextPage: read.length > count, hasPreviousPage }
}

/** The page as a connection: `cursor` gives the position of an item. */
export function toConnection<T>({ items, hasNextPage, hasPreviousPage }: Page<T>, cursor: (item: T) => string) {
  const edges = items.map((node) => ({ cursor: cursor(node), node }))
  return {
    edges,
    pageInfo: {
      hasNextPage,
      hasPreviousPage,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  }
}
