// One line for each screen: importing it adds it (screens.js).
