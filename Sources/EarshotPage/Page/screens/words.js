import { addWords } from '../words/words.js';
import { en } from '../words/screens-en.js';
import { de } from '../words/screens-de.js';

addWords({ en, de });
