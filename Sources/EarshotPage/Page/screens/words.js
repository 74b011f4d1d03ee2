import { addWords } from '../words/words.js';
import { WORDS } from '../words/screens.js';

addWords(WORDS);
