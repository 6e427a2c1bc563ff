import { composeServices } from '@apollo/composition'
import type { GraphQLDataSource } from '@apollo/gateway'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { execute, type GraphQLSchema, parse } from 'graphql'

const federation =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.10", import: ["@key", "@shareable"])'

/** Two subgraphs that share entities, unions and an interface: each composite field of one leads to fields of the other. */
export const librarySdl = {
  catalog: `${federation}
    type Query { feed: [Item] titled: [Titled!]! person: Person }
    type Mutation { refresh: [Item] }
    type Subscription { items: Item }
    union Item = Book | Film | Review
    interface Titled { id: ID! title: String writer: Person }
    type Book implements Titled @key(fields: "id") {
      id: ID! title: String writer: Person pages(unit: String): String sequel: Book related: [Item] first: Review
    }
    type Film implements Titled @key(fields: "id") {
      id: ID! title: String writer: Person star: Person length(unit: String): String sequel: Film related: [Titled!]! first: Review
    }
    type Review { text: String by: Person to: Person of: Titled }
    type Person @key(fields: "id") @key(fields: "login") { id: ID! login: String }`,
  people: `${federation}
    type Person @key(fields: "id") @key(fields: "login") {
      id: ID! login: String name: String nick(style: String): String friend: Person favourite: Book badges: [Badge]
    }
    union Badge = Gold | Iron
    type Gold { carat: String giver: Person }
    type Iron { weight: String smith: Person }
    type Book @key(fields: "id") { id: ID! rating: String reader: Person }
    type Film @key(fields: "id") { id: ID! rating: String critic: Person }`,
}

type Thing = Record<string, unknown> & { __typename: string }
type Given = Record<string, unknown>

/** Everything there is, as objects whose fields graphql-js reads by itself. */
function createShelves() {
  const person = (id: string): Thing => ({
    __typename: 'Person',
    id,
    login: `login-${id}`,
    name: `name-${id}`,
    nick: ({ style }: Given) => `nick-${id}-${style}`,
    friend: () => person(id === 'p1' ? 'p2' : 'p1'),
    favourite: () => book('b1'),
    badges: () => [
      { __typename: 'Gold', carat: `carat-${id}`, giver: () => person('p3') },
      null,
      { __typename: 'Iron', weight: `weight-${id}`, smith: () => person('p4') },
    ],
  })
  const review = (id: string): Thing => ({
    __typename: 'Review',
    text: `text-${id}`,
    by: () => person('p5'),
    to: () => person('p6'),
    of: () => film('f2'),
  })
  const titled = (id: string) => ({ id, title: `title-${id}`, rating: `rating-${id}`, first: () => review(id) })
  const book = (id: string): Thing => ({
    __typename: 'Book',
    ...titled(id),
    writer: () => person('p1'),
    reader: () => person('p2'),
    pages: ({ unit }: Given) => `pages-${id}-${unit}`,
    sequel: () => (id === 'b1' ? book('b2') : null),
    related: () => [film('f1'), null, review('r2')],
  })
  const film = (id: string): Thing => ({
    __typename: 'Film',
    ...titled(id),
    writer: () => person('p3'),
    star: () => person('p4'),
    critic: () => person('p5'),
    length: ({ unit }: Given) => `length-${id}-${unit}`,
    sequel: () => (id === 'f1' ? film('f2') : null),
    related: () => [book('b2'), film('f2')],
  })
  const feed = () => [book('b1'), film('f1'), null, review('r1'), film('f2'), book('b2')]
  const entities: Record<string, (key: Given) => Thing> = {
    Person: ({ id, login }) => person(String(id ?? String(login).slice('login-'.length))),
    Book: ({ id }) => book(String(id)),
    Film: ({ id }) => film(String(id)),
  }
  const root = { feed, refresh: feed, titled: () => [book('b1'), film('f1')], person: () => person('p6') }
  return { root, entities, events: feed().filter((item) => item !== null) }
}

const shelves = createShelves()

/** The events of the subscription `items`, one of each kind and more. */
export const libraryEvents = shelves.events
/** What answers an operation on a schema that has all fields. */
export const libraryRoot = shelves.root

/** Its supergraph, and its subgraphs without a network between. */
export function openLibrary(): { supergraphSdl: string; dataSources: Record<string, GraphQLDataSource> } {
  const subgraphs = Object.entries(librarySdl).map(([name, sdl]) => ({ name, url: '', typeDefs: parse(sdl) }))
  const { supergraphSdl, errors } = composeServices(subgraphs)
  if (!supergraphSdl) throw new Error(String(errors))
  const resolvers = Object.fromEntries(
    Object.entries(shelves.entities).map(([type, find]) => [type, { __resolveReference: find }]),
  )
  const sourceOf = (schema: GraphQLSchema): GraphQLDataSource => ({
    async process({ request }) {
      const [document, variableValues] = [parse(request.query ?? ''), request.variables]
      const { data, errors: found } = await execute({ schema, document, variableValues, rootValue: shelves.root })
      return { data: data as never, errors: found }
    },
  })
  const dataSources = Object.fromEntries(
    subgraphs.map(({ name, typeDefs }) => [
      name,
      sourceOf(buildSubgraphSchema([{ typeDefs, resolvers: resolversFor(typeDefs, resolvers) as never }])),
    ]),
  )
  return { supergraphSdl, dataSources }
}

const resolversFor = (typeDefs: ReturnType<typeof parse>, resolvers: Record<string, unknown>) => {
  const names = new Set(typeDefs.definitions.flatMap((each) => ('name' in each && each.name ? [each.name.value] : [])))
  return Object.fromEntries(Object.entries(resolvers).filter(([type]) => names.has(type)))
}
