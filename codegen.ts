import type { CodegenConfig } from '@graphql-codegen/cli'

const federationTypes = 'directive @link(url: String!, import: [String]) repeatable on SCHEMA'

/** Resolver types of one subgraph, from its own SDL. `mappers` name what its resolvers pass around for a type. */
const resolverTypes = (subgraph: string, mappers: Record<string, string>): CodegenConfig['generates'] => ({
  [`subgraphs/${subgraph}/generated/resolvers.ts`]: {
    schema: [`subgraphs/${subgraph}/schema.graphql`, federationTypes],
    plugins: ['typescript', 'typescript-resolvers'],
    config: {
      federation: true,
      contextType: '../context.ts#Context',
      mappers,
      enumsAsTypes: true,
      useTypeImports: true,
      importExtension: '.ts',
      scalars: { ID: 'string', DateTime: { input: 'Date', output: 'Date' } },
    },
  },
})

const config: CodegenConfig = {
  generates: {
    ...resolverTypes('auth', {}),
    ...resolverTypes('profile', {}),
    ...resolverTypes('chat', {
      Room: '../domain/room.ts#Room as RoomState',
      RoomMember: '../domain/room-event.ts#Membership',
      Message: '../domain/room-event.ts#Message as MessageState',
    }),
    'web/src/generated/': {
      schema: 'schema/api.graphql',
      documents: ['web/src/**/*.{ts,tsx}', '!web/src/generated/**'],
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        enumsAsTypes: true,
        useTypeImports: true,
        importExtension: '.ts',
        scalars: { ID: 'string', DateTime: 'string' },
      },
    },
  },
}

export default config
