// Safari's engine. Debian's build of it has no WebRTC.

import { webkit as test } from '../../fixtures/engine/test.ts';
import { desk } from './desk.ts';
import { launcher } from './launcher.ts';
import { callbacks, consent, unable } from './panel.ts';

launcher(test);
desk(test);
callbacks(test, { atOnce: false });
consent(test);
unable(test);
