import { temporaryStorage } from '../testing/temporary-store.ts'
import { chatStoreContract } from './chat-store.contract.ts'

chatStoreContract('sqlite', temporaryStorage)
