// One line for each screen: importing it adds it (screens.js).
import './inbox.js';
import './people/people.js';
import './rooms/rooms.js';
import './rooms/pane.js';
import './verify/card.js';
import './verify/join.js';
import './files/transfers.js';
import './files/gallery.js';
import './settings/settings.js';
import './settings/profile.js';
import './node/network.js';
import { welcomeOnce } from './first.js';
import { watchVerifications } from './verify/verify.js';
import './words.js';

welcomeOnce();
watchVerifications();
