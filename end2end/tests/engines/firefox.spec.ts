// What visitors and staff see in Firefox.

import { firefox as test } from '../../fixtures/engine/test.ts';
import { desk } from './desk.ts';
import { launcher } from './launcher.ts';
import { panel } from './panel.ts';

launcher(test);
panel(test);
desk(test);
