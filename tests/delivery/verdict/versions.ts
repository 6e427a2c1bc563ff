import { createNumbers, type Numbers } from './numbers.ts'

/** An event as it is kept: prints of what it is and of its cursor, and the send that it is, 0 for any other event. */
export interface Version {
  content: number
  cursor: number
  send: number
}

/**
 * What stands at the places of a room's log. A place has one event, unless the store went back: then it may have another version for
 * each time. Versions are numbered from 0; the first takes no more than before there were others.
 */
export interface Versions {
  count(position: number): number
  get(position: number, version: number): Version
  /** The version with this cursor; undefined when there is none. */
  find(position: number, cursor: number): number | undefined
  add(position: number, version: Version): number
  /** When the version was seen first, as `performance.now()` tells it, to the millisecond. */
  seenAt(position: number, version: number): number
  /** Notes the version of the event before it. Gives whether that is the one that was noted before, if any was. */
  follows(position: number, version: number, before: number): boolean
  /** The version of the event before it; undefined when it is not known. */
  before(position: number, version: number): number | undefined
}

interface Layer {
  contents: Numbers
  cursors: Numbers
  sends: Numbers
  times: Numbers
  before: Numbers
}

const newLayer = (): Layer => ({
  contents: createNumbers(4),
  cursors: createNumbers(4),
  sends: createNumbers(4),
  times: createNumbers(4),
  before: createNumbers(1),
})

export function createVersions(): Versions {
  const layers: Layer[] = [newLayer()]
  const layer = (version: number) => layers[version] as Layer
  const count = (position: number) => {
    const free = layers.findIndex(({ contents }) => contents.get(position) === 0)
    return free === -1 ? layers.length : free
  }
  return {
    count,
    get: (position, version) => ({
      content: layer(version).contents.get(position),
      cursor: layer(version).cursors.get(position),
      send: layer(version).sends.get(position),
    }),
    find(position, cursor) {
      const found = layers.findIndex(
        ({ contents, cursors }) => contents.get(position) && cursors.get(position) === cursor,
      )
      return found === -1 ? undefined : found
    },
    add(position, { content, cursor, send }) {
      const version = count(position)
      layers[version] ??= newLayer()
      layer(version).contents.set(position, content)
      layer(version).cursors.set(position, cursor)
      layer(version).sends.set(position, send)
      layer(version).times.set(position, Math.ceil(performance.now()))
      return version
    },
    seenAt: (position, version) => layer(version).times.get(position),
    follows(position, version, before) {
      const known = layer(version).before.get(position)
      if (known === 0) layer(version).before.set(position, before + 1)
      return known === 0 || known === before + 1
    },
    before(position, version) {
      const known = layer(version).before.get(position)
      return known === 0 ? undefined : known - 1
    },
  }
}
