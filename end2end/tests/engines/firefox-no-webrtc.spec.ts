// Firefox as some people set it: without WebRTC.

import { firefox as test } from '../../fixtures/engine/test.ts';
import { unable } from './panel.ts';

test.use({ prefs: { 'media.peerconnection.enabled': false } });

unable(test);
