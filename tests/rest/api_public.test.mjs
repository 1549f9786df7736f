// The API as tools see it, with everything in schema public.

import { runSuite } from './api/suite.mjs'

runSuite({ schema: 'public' })
