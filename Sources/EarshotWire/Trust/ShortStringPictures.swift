/// The sixty-four pictures that short strings are shown with, in the order of their names (Protocol.md 18): things that
/// nobody takes for one another, each a single scalar that every font with emoji has. The table is ours.
package enum ShortStringPictures {
    package static let all: [(emoji: String, name: String)] = [
        ("⚓", "anchor"), ("🍎", "apple"), ("🎈", "balloon"), ("🍌", "banana"), ("🐝", "bee"), ("🔔", "bell"),
        ("🚲", "bicycle"), ("⛵", "boat"), ("📚", "books"), ("🍞", "bread"), ("🦋", "butterfly"), ("🌵", "cactus"),
        ("🎂", "cake"), ("🐫", "camel"), ("🚗", "car"), ("🥕", "carrot"), ("🐱", "cat"), ("🧀", "cheese"),
        ("🍀", "clover"), ("☕", "coffee"), ("🌽", "corn"), ("🦀", "crab"), ("👑", "crown"), ("🐶", "dog"),
        ("🥁", "drum"), ("🐘", "elephant"), ("🔥", "fire"), ("🐟", "fish"), ("🐸", "frog"), ("🎁", "gift"),
        ("👓", "glasses"), ("🍇", "grapes"), ("🎸", "guitar"), ("🔨", "hammer"), ("🎩", "hat"), ("🚁", "helicopter"),
        ("🐴", "horse"), ("🏠", "house"), ("🔑", "key"), ("💡", "lamp"), ("🍋", "lemon"), ("⚡", "lightning"),
        ("🔒", "lock"), ("🌙", "moon"), ("🍄", "mushroom"), ("🐙", "octopus"), ("🦉", "owl"), ("🐼", "panda"),
        ("🍐", "pear"), ("🍕", "pizza"), ("🐰", "rabbit"), ("🌈", "rainbow"), ("🤖", "robot"), ("🚀", "rocket"),
        ("🐌", "snail"), ("⛄", "snowman"), ("⭐", "star"), ("🍓", "strawberry"), ("🌻", "sunflower"),
        ("🚂", "train"), ("🌲", "tree"), ("🌂", "umbrella"), ("⌚", "watch"), ("🐳", "whale"),
    ]
}
