// The reference store itself: the answers known by hand hold for it too.

import { openBruteStore } from '../support/bruteStore.ts';
import { storeSuite } from './suite.ts';

storeSuite('reference store', (radiusArcsecBySurvey) => openBruteStore({ radiusArcsecBySurvey }));
