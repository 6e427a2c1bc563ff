import { onServer } from '../../../platform/testing/servers.ts'
import { temporaryMongodbStorage } from '../testing/temporary-store.mongodb.ts'
import { chatStoreContract } from './chat-store.contract.ts'

onServer('mongodb', (url) => chatStoreContract('mongodb', async () => temporaryMongodbStorage(url)))
