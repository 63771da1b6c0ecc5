// What visitors and staff see in Firefox.

import { firefox as test } from '../../fixtures/engine/test.ts';
import { desk } from './desk.ts';
import { launcher } from './launcher.ts';
import { callbacks, consent } from './panel.ts';

launcher(test);
callbacks(test);
consent(test);
desk(test);
