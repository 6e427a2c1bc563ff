import type { ApolloClient } from '@apollo/client'
import { read } from '../api/read.ts'
import type { RoomRowFragment, RoomsQuery } from '../generated/graphql.ts'
import { Rooms } from './documents.ts'

export type RoomRow = RoomRowFragment

const mostPages = 20

/** All of the viewer's rooms, up to a bound, the one with the newest message first. */
export async function fetchRooms(client: ApolloClient): Promise<RoomRow[]> {
  const rooms: RoomRow[] = []
  let after: string | null = null
  for (let page = 0; page < mostPages; page++) {
    const { edges, pageInfo }: RoomsQuery['rooms'] = (await read(client, Rooms, { after })).rooms
    rooms.push(...edges.map(({ node }) => node))
    after = pageInfo.endCursor
    if (!pageInfo.hasNextPage) break
  }
  return rooms.sort(byLastActivity)
}

export function byLastActivity(a: RoomRow, b: RoomRow): number {
  return lastActivity(b) - lastActivity(a)
}

function lastActivity(room: RoomRow): number {
  return Date.parse(room.lastMessage?.createdAt ?? room.createdAt)
}
