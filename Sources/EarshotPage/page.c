/* Written by scripts/page.py: what the folder Page holds. */
#include "EarshotPage.h"

/* app/app.js */
static const unsigned char file_0[] = {
#embed "Page/app/app.js" suffix(,)
0};

/* app/look.js */
static const unsigned char file_1[] = {
#embed "Page/app/look.js" suffix(,)
0};

/* app/offline.js */
static const unsigned char file_2[] = {
#embed "Page/app/offline.js" suffix(,)
0};

/* app/shortcuts.js */
static const unsigned char file_3[] = {
#embed "Page/app/shortcuts.js" suffix(,)
0};

/* app/welcome.js */
static const unsigned char file_4[] = {
#embed "Page/app/welcome.js" suffix(,)
0};

/* away.html */
static const unsigned char file_5[] = {
#embed "Page/away.html" suffix(,)
0};

/* away.js */
static const unsigned char file_6[] = {
#embed "Page/away.js" suffix(,)
0};

/* composer/completion.js */
static const unsigned char file_7[] = {
#embed "Page/composer/completion.js" suffix(,)
0};

/* composer/composer.js */
static const unsigned char file_8[] = {
#embed "Page/composer/composer.js" suffix(,)
0};

/* composer/voice.js */
static const unsigned char file_9[] = {
#embed "Page/composer/voice.js" suffix(,)
0};

/* deeds/drafts.js */
static const unsigned char file_10[] = {
#embed "Page/deeds/drafts.js" suffix(,)
0};

/* deeds/load.js */
static const unsigned char file_11[] = {
#embed "Page/deeds/load.js" suffix(,)
0};

/* deeds/messages.js */
static const unsigned char file_12[] = {
#embed "Page/deeds/messages.js" suffix(,)
0};

/* deeds/people.js */
static const unsigned char file_13[] = {
#embed "Page/deeds/people.js" suffix(,)
0};

/* deeds/rooms.js */
static const unsigned char file_14[] = {
#embed "Page/deeds/rooms.js" suffix(,)
0};

/* deeds/settings.js */
static const unsigned char file_15[] = {
#embed "Page/deeds/settings.js" suffix(,)
0};

/* deeds/threads.js */
static const unsigned char file_16[] = {
#embed "Page/deeds/threads.js" suffix(,)
0};

/* deeds/typing.js */
static const unsigned char file_17[] = {
#embed "Page/deeds/typing.js" suffix(,)
0};

/* door/backoff.js */
static const unsigned char file_18[] = {
#embed "Page/door/backoff.js" suffix(,)
0};

/* door/door.js */
static const unsigned char file_19[] = {
#embed "Page/door/door.js" suffix(,)
0};

/* door/enter.js */
static const unsigned char file_20[] = {
#embed "Page/door/enter.js" suffix(,)
0};

/* door/key.js */
static const unsigned char file_21[] = {
#embed "Page/door/key.js" suffix(,)
0};

/* door/line.js */
static const unsigned char file_22[] = {
#embed "Page/door/line.js" suffix(,)
0};

/* door/rpc.js */
static const unsigned char file_23[] = {
#embed "Page/door/rpc.js" suffix(,)
0};

/* door/stream.js */
static const unsigned char file_24[] = {
#embed "Page/door/stream.js" suffix(,)
0};

/* door/tabs.js */
static const unsigned char file_25[] = {
#embed "Page/door/tabs.js" suffix(,)
0};

/* elements/bound.js */
static const unsigned char file_26[] = {
#embed "Page/elements/bound.js" suffix(,)
0};

/* elements/buttons.js */
static const unsigned char file_27[] = {
#embed "Page/elements/buttons.js" suffix(,)
0};

/* elements/dialog.js */
static const unsigned char file_28[] = {
#embed "Page/elements/dialog.js" suffix(,)
0};

/* elements/face.js */
static const unsigned char file_29[] = {
#embed "Page/elements/face.js" suffix(,)
0};

/* elements/icons.js */
static const unsigned char file_30[] = {
#embed "Page/elements/icons.js" suffix(,)
0};

/* elements/make.js */
static const unsigned char file_31[] = {
#embed "Page/elements/make.js" suffix(,)
0};

/* elements/menu.js */
static const unsigned char file_32[] = {
#embed "Page/elements/menu.js" suffix(,)
0};

/* elements/toast.js */
static const unsigned char file_33[] = {
#embed "Page/elements/toast.js" suffix(,)
0};

/* elements/trust.js */
static const unsigned char file_34[] = {
#embed "Page/elements/trust.js" suffix(,)
0};

/* emoji/find.js */
static const unsigned char file_35[] = {
#embed "Page/emoji/find.js" suffix(,)
0};

/* emoji/picker.js */
static const unsigned char file_36[] = {
#embed "Page/emoji/picker.js" suffix(,)
0};

/* emoji/table.js */
static const unsigned char file_37[] = {
#embed "Page/emoji/table.js" suffix(,)
0};

/* files/card.js */
static const unsigned char file_38[] = {
#embed "Page/files/card.js" suffix(,)
0};

/* files/media.js */
static const unsigned char file_39[] = {
#embed "Page/files/media.js" suffix(,)
0};

/* files/parcel.js */
static const unsigned char file_40[] = {
#embed "Page/files/parcel.js" suffix(,)
0};

/* files/sent.js */
static const unsigned char file_41[] = {
#embed "Page/files/sent.js" suffix(,)
0};

/* files/sound.js */
static const unsigned char file_42[] = {
#embed "Page/files/sound.js" suffix(,)
0};

/* files/upload.js */
static const unsigned char file_43[] = {
#embed "Page/files/upload.js" suffix(,)
0};

/* icon-mask.svg */
static const unsigned char file_44[] = {
#embed "Page/icon-mask.svg" suffix(,)
0};

/* icon.svg */
static const unsigned char file_45[] = {
#embed "Page/icon.svg" suffix(,)
0};

/* index.html */
static const unsigned char file_46[] = {
#embed "Page/index.html" suffix(,)
0};

/* kit.js */
static const unsigned char file_47[] = {
#embed "Page/kit.js" suffix(,)
0};

/* manifest.webmanifest */
static const unsigned char file_48[] = {
#embed "Page/manifest.webmanifest" suffix(,)
0};

/* notify/notify.js */
static const unsigned char file_49[] = {
#embed "Page/notify/notify.js" suffix(,)
0};

/* notify/quiet.js */
static const unsigned char file_50[] = {
#embed "Page/notify/quiet.js" suffix(,)
0};

/* notify/sound.js */
static const unsigned char file_51[] = {
#embed "Page/notify/sound.js" suffix(,)
0};

/* old.js */
static const unsigned char file_52[] = {
#embed "Page/old.js" suffix(,)
0};

/* qr/bits.js */
static const unsigned char file_53[] = {
#embed "Page/qr/bits.js" suffix(,)
0};

/* qr/corners.js */
static const unsigned char file_54[] = {
#embed "Page/qr/corners.js" suffix(,)
0};

/* qr/correct.js */
static const unsigned char file_55[] = {
#embed "Page/qr/correct.js" suffix(,)
0};

/* qr/decode.js */
static const unsigned char file_56[] = {
#embed "Page/qr/decode.js" suffix(,)
0};

/* qr/draw.js */
static const unsigned char file_57[] = {
#embed "Page/qr/draw.js" suffix(,)
0};

/* qr/read.js */
static const unsigned char file_58[] = {
#embed "Page/qr/read.js" suffix(,)
0};

/* qr/sample.js */
static const unsigned char file_59[] = {
#embed "Page/qr/sample.js" suffix(,)
0};

/* route/router.js */
static const unsigned char file_60[] = {
#embed "Page/route/router.js" suffix(,)
0};

/* screens/ask.js */
static const unsigned char file_61[] = {
#embed "Page/screens/ask.js" suffix(,)
0};

/* screens/bar.js */
static const unsigned char file_62[] = {
#embed "Page/screens/bar.js" suffix(,)
0};

/* screens/choose.js */
static const unsigned char file_63[] = {
#embed "Page/screens/choose.js" suffix(,)
0};

/* screens/files/gallery.js */
static const unsigned char file_64[] = {
#embed "Page/screens/files/gallery.js" suffix(,)
0};

/* screens/files/transfers.js */
static const unsigned char file_65[] = {
#embed "Page/screens/files/transfers.js" suffix(,)
0};

/* screens/first.js */
static const unsigned char file_66[] = {
#embed "Page/screens/first.js" suffix(,)
0};

/* screens/inbox.js */
static const unsigned char file_67[] = {
#embed "Page/screens/inbox.js" suffix(,)
0};

/* screens/lifetime.js */
static const unsigned char file_68[] = {
#embed "Page/screens/lifetime.js" suffix(,)
0};

/* screens/node/about.js */
static const unsigned char file_69[] = {
#embed "Page/screens/node/about.js" suffix(,)
0};

/* screens/node/network.js */
static const unsigned char file_70[] = {
#embed "Page/screens/node/network.js" suffix(,)
0};

/* screens/node/storage.js */
static const unsigned char file_71[] = {
#embed "Page/screens/node/storage.js" suffix(,)
0};

/* screens/parts.js */
static const unsigned char file_72[] = {
#embed "Page/screens/parts.js" suffix(,)
0};

/* screens/people/dialogs.js */
static const unsigned char file_73[] = {
#embed "Page/screens/people/dialogs.js" suffix(,)
0};

/* screens/people/people.js */
static const unsigned char file_74[] = {
#embed "Page/screens/people/people.js" suffix(,)
0};

/* screens/people/person.js */
static const unsigned char file_75[] = {
#embed "Page/screens/people/person.js" suffix(,)
0};

/* screens/people/views.js */
static const unsigned char file_76[] = {
#embed "Page/screens/people/views.js" suffix(,)
0};

/* screens/rooms/dialogs.js */
static const unsigned char file_77[] = {
#embed "Page/screens/rooms/dialogs.js" suffix(,)
0};

/* screens/rooms/members.js */
static const unsigned char file_78[] = {
#embed "Page/screens/rooms/members.js" suffix(,)
0};

/* screens/rooms/new.js */
static const unsigned char file_79[] = {
#embed "Page/screens/rooms/new.js" suffix(,)
0};

/* screens/rooms/pane.js */
static const unsigned char file_80[] = {
#embed "Page/screens/rooms/pane.js" suffix(,)
0};

/* screens/rooms/pins.js */
static const unsigned char file_81[] = {
#embed "Page/screens/rooms/pins.js" suffix(,)
0};

/* screens/rooms/rooms.js */
static const unsigned char file_82[] = {
#embed "Page/screens/rooms/rooms.js" suffix(,)
0};

/* screens/screens.js */
static const unsigned char file_83[] = {
#embed "Page/screens/screens.js" suffix(,)
0};

/* screens/settings/looks.js */
static const unsigned char file_84[] = {
#embed "Page/screens/settings/looks.js" suffix(,)
0};

/* screens/settings/node.js */
static const unsigned char file_85[] = {
#embed "Page/screens/settings/node.js" suffix(,)
0};

/* screens/settings/notices.js */
static const unsigned char file_86[] = {
#embed "Page/screens/settings/notices.js" suffix(,)
0};

/* screens/settings/picture.js */
static const unsigned char file_87[] = {
#embed "Page/screens/settings/picture.js" suffix(,)
0};

/* screens/settings/profile.js */
static const unsigned char file_88[] = {
#embed "Page/screens/settings/profile.js" suffix(,)
0};

/* screens/settings/rules.js */
static const unsigned char file_89[] = {
#embed "Page/screens/settings/rules.js" suffix(,)
0};

/* screens/settings/settings.js */
static const unsigned char file_90[] = {
#embed "Page/screens/settings/settings.js" suffix(,)
0};

/* screens/verify/card.js */
static const unsigned char file_91[] = {
#embed "Page/screens/verify/card.js" suffix(,)
0};

/* screens/verify/join.js */
static const unsigned char file_92[] = {
#embed "Page/screens/verify/join.js" suffix(,)
0};

/* screens/verify/other.js */
static const unsigned char file_93[] = {
#embed "Page/screens/verify/other.js" suffix(,)
0};

/* screens/verify/scan.js */
static const unsigned char file_94[] = {
#embed "Page/screens/verify/scan.js" suffix(,)
0};

/* screens/verify/verify.js */
static const unsigned char file_95[] = {
#embed "Page/screens/verify/verify.js" suffix(,)
0};

/* search/search.js */
static const unsigned char file_96[] = {
#embed "Page/search/search.js" suffix(,)
0};

/* search/switch.js */
static const unsigned char file_97[] = {
#embed "Page/search/switch.js" suffix(,)
0};

/* start.js */
static const unsigned char file_98[] = {
#embed "Page/start.js" suffix(,)
0};

/* state/began.js */
static const unsigned char file_99[] = {
#embed "Page/state/began.js" suffix(,)
0};

/* state/group.js */
static const unsigned char file_100[] = {
#embed "Page/state/group.js" suffix(,)
0};

/* state/heard.js */
static const unsigned char file_101[] = {
#embed "Page/state/heard.js" suffix(,)
0};

/* state/initial.js */
static const unsigned char file_102[] = {
#embed "Page/state/initial.js" suffix(,)
0};

/* state/people.js */
static const unsigned char file_103[] = {
#embed "Page/state/people.js" suffix(,)
0};

/* state/prefs.js */
static const unsigned char file_104[] = {
#embed "Page/state/prefs.js" suffix(,)
0};

/* state/store.js */
static const unsigned char file_105[] = {
#embed "Page/state/store.js" suffix(,)
0};

/* state/talks.js */
static const unsigned char file_106[] = {
#embed "Page/state/talks.js" suffix(,)
0};

/* state/threads.js */
static const unsigned char file_107[] = {
#embed "Page/state/threads.js" suffix(,)
0};

/* state/transfers.js */
static const unsigned char file_108[] = {
#embed "Page/state/transfers.js" suffix(,)
0};

/* state/update.js */
static const unsigned char file_109[] = {
#embed "Page/state/update.js" suffix(,)
0};

/* style/base.css */
static const unsigned char file_110[] = {
#embed "Page/style/base.css" suffix(,)
0};

/* style/composer.css */
static const unsigned char file_111[] = {
#embed "Page/style/composer.css" suffix(,)
0};

/* style/controls.css */
static const unsigned char file_112[] = {
#embed "Page/style/controls.css" suffix(,)
0};

/* style/layout.css */
static const unsigned char file_113[] = {
#embed "Page/style/layout.css" suffix(,)
0};

/* style/screens.css */
static const unsigned char file_114[] = {
#embed "Page/style/screens.css" suffix(,)
0};

/* style/talks.css */
static const unsigned char file_115[] = {
#embed "Page/style/talks.css" suffix(,)
0};

/* style/thread.css */
static const unsigned char file_116[] = {
#embed "Page/style/thread.css" suffix(,)
0};

/* style/tokens.css */
static const unsigned char file_117[] = {
#embed "Page/style/tokens.css" suffix(,)
0};

/* talks/item.js */
static const unsigned char file_118[] = {
#embed "Page/talks/item.js" suffix(,)
0};

/* talks/menu.js */
static const unsigned char file_119[] = {
#embed "Page/talks/menu.js" suffix(,)
0};

/* talks/self.js */
static const unsigned char file_120[] = {
#embed "Page/talks/self.js" suffix(,)
0};

/* talks/talks.js */
static const unsigned char file_121[] = {
#embed "Page/talks/talks.js" suffix(,)
0};

/* thread/actions.js */
static const unsigned char file_122[] = {
#embed "Page/thread/actions.js" suffix(,)
0};

/* thread/find.js */
static const unsigned char file_123[] = {
#embed "Page/thread/find.js" suffix(,)
0};

/* thread/head.js */
static const unsigned char file_124[] = {
#embed "Page/thread/head.js" suffix(,)
0};

/* thread/messages.js */
static const unsigned char file_125[] = {
#embed "Page/thread/messages.js" suffix(,)
0};

/* thread/notes.js */
static const unsigned char file_126[] = {
#embed "Page/thread/notes.js" suffix(,)
0};

/* thread/reactions.js */
static const unsigned char file_127[] = {
#embed "Page/thread/reactions.js" suffix(,)
0};

/* thread/receipts.js */
static const unsigned char file_128[] = {
#embed "Page/thread/receipts.js" suffix(,)
0};

/* thread/row.js */
static const unsigned char file_129[] = {
#embed "Page/thread/row.js" suffix(,)
0};

/* thread/rows.js */
static const unsigned char file_130[] = {
#embed "Page/thread/rows.js" suffix(,)
0};

/* thread/styled.js */
static const unsigned char file_131[] = {
#embed "Page/thread/styled.js" suffix(,)
0};

/* thread/thread.js */
static const unsigned char file_132[] = {
#embed "Page/thread/thread.js" suffix(,)
0};

/* thread/ticks.js */
static const unsigned char file_133[] = {
#embed "Page/thread/ticks.js" suffix(,)
0};

/* thread/typing.js */
static const unsigned char file_134[] = {
#embed "Page/thread/typing.js" suffix(,)
0};

/* words/page.js */
static const unsigned char file_135[] = {
#embed "Page/words/page.js" suffix(,)
0};

/* words/screens.js */
static const unsigned char file_136[] = {
#embed "Page/words/screens.js" suffix(,)
0};

/* words/times.js */
static const unsigned char file_137[] = {
#embed "Page/words/times.js" suffix(,)
0};

/* words/words.js */
static const unsigned char file_138[] = {
#embed "Page/words/words.js" suffix(,)
0};

/* worker.js */
static const unsigned char file_139[] = {
#embed "Page/worker.js" suffix(,)
0};

static const struct page_file files[] = {
    {"app/app.js", file_0, sizeof file_0 - 1},
    {"app/look.js", file_1, sizeof file_1 - 1},
    {"app/offline.js", file_2, sizeof file_2 - 1},
    {"app/shortcuts.js", file_3, sizeof file_3 - 1},
    {"app/welcome.js", file_4, sizeof file_4 - 1},
    {"away.html", file_5, sizeof file_5 - 1},
    {"away.js", file_6, sizeof file_6 - 1},
    {"composer/completion.js", file_7, sizeof file_7 - 1},
    {"composer/composer.js", file_8, sizeof file_8 - 1},
    {"composer/voice.js", file_9, sizeof file_9 - 1},
    {"deeds/drafts.js", file_10, sizeof file_10 - 1},
    {"deeds/load.js", file_11, sizeof file_11 - 1},
    {"deeds/messages.js", file_12, sizeof file_12 - 1},
    {"deeds/people.js", file_13, sizeof file_13 - 1},
    {"deeds/rooms.js", file_14, sizeof file_14 - 1},
    {"deeds/settings.js", file_15, sizeof file_15 - 1},
    {"deeds/threads.js", file_16, sizeof file_16 - 1},
    {"deeds/typing.js", file_17, sizeof file_17 - 1},
    {"door/backoff.js", file_18, sizeof file_18 - 1},
    {"door/door.js", file_19, sizeof file_19 - 1},
    {"door/enter.js", file_20, sizeof file_20 - 1},
    {"door/key.js", file_21, sizeof file_21 - 1},
    {"door/line.js", file_22, sizeof file_22 - 1},
    {"door/rpc.js", file_23, sizeof file_23 - 1},
    {"door/stream.js", file_24, sizeof file_24 - 1},
    {"door/tabs.js", file_25, sizeof file_25 - 1},
    {"elements/bound.js", file_26, sizeof file_26 - 1},
    {"elements/buttons.js", file_27, sizeof file_27 - 1},
    {"elements/dialog.js", file_28, sizeof file_28 - 1},
    {"elements/face.js", file_29, sizeof file_29 - 1},
    {"elements/icons.js", file_30, sizeof file_30 - 1},
    {"elements/make.js", file_31, sizeof file_31 - 1},
    {"elements/menu.js", file_32, sizeof file_32 - 1},
    {"elements/toast.js", file_33, sizeof file_33 - 1},
    {"elements/trust.js", file_34, sizeof file_34 - 1},
    {"emoji/find.js", file_35, sizeof file_35 - 1},
    {"emoji/picker.js", file_36, sizeof file_36 - 1},
    {"emoji/table.js", file_37, sizeof file_37 - 1},
    {"files/card.js", file_38, sizeof file_38 - 1},
    {"files/media.js", file_39, sizeof file_39 - 1},
    {"files/parcel.js", file_40, sizeof file_40 - 1},
    {"files/sent.js", file_41, sizeof file_41 - 1},
    {"files/sound.js", file_42, sizeof file_42 - 1},
    {"files/upload.js", file_43, sizeof file_43 - 1},
    {"icon-mask.svg", file_44, sizeof file_44 - 1},
    {"icon.svg", file_45, sizeof file_45 - 1},
    {"index.html", file_46, sizeof file_46 - 1},
    {"kit.js", file_47, sizeof file_47 - 1},
    {"manifest.webmanifest", file_48, sizeof file_48 - 1},
    {"notify/notify.js", file_49, sizeof file_49 - 1},
    {"notify/quiet.js", file_50, sizeof file_50 - 1},
    {"notify/sound.js", file_51, sizeof file_51 - 1},
    {"old.js", file_52, sizeof file_52 - 1},
    {"qr/bits.js", file_53, sizeof file_53 - 1},
    {"qr/corners.js", file_54, sizeof file_54 - 1},
    {"qr/correct.js", file_55, sizeof file_55 - 1},
    {"qr/decode.js", file_56, sizeof file_56 - 1},
    {"qr/draw.js", file_57, sizeof file_57 - 1},
    {"qr/read.js", file_58, sizeof file_58 - 1},
    {"qr/sample.js", file_59, sizeof file_59 - 1},
    {"route/router.js", file_60, sizeof file_60 - 1},
    {"screens/ask.js", file_61, sizeof file_61 - 1},
    {"screens/bar.js", file_62, sizeof file_62 - 1},
    {"screens/choose.js", file_63, sizeof file_63 - 1},
    {"screens/files/gallery.js", file_64, sizeof file_64 - 1},
    {"screens/files/transfers.js", file_65, sizeof file_65 - 1},
    {"screens/first.js", file_66, sizeof file_66 - 1},
    {"screens/inbox.js", file_67, sizeof file_67 - 1},
    {"screens/lifetime.js", file_68, sizeof file_68 - 1},
    {"screens/node/about.js", file_69, sizeof file_69 - 1},
    {"screens/node/network.js", file_70, sizeof file_70 - 1},
    {"screens/node/storage.js", file_71, sizeof file_71 - 1},
    {"screens/parts.js", file_72, sizeof file_72 - 1},
    {"screens/people/dialogs.js", file_73, sizeof file_73 - 1},
    {"screens/people/people.js", file_74, sizeof file_74 - 1},
    {"screens/people/person.js", file_75, sizeof file_75 - 1},
    {"screens/people/views.js", file_76, sizeof file_76 - 1},
    {"screens/rooms/dialogs.js", file_77, sizeof file_77 - 1},
    {"screens/rooms/members.js", file_78, sizeof file_78 - 1},
    {"screens/rooms/new.js", file_79, sizeof file_79 - 1},
    {"screens/rooms/pane.js", file_80, sizeof file_80 - 1},
    {"screens/rooms/pins.js", file_81, sizeof file_81 - 1},
    {"screens/rooms/rooms.js", file_82, sizeof file_82 - 1},
    {"screens/screens.js", file_83, sizeof file_83 - 1},
    {"screens/settings/looks.js", file_84, sizeof file_84 - 1},
    {"screens/settings/node.js", file_85, sizeof file_85 - 1},
    {"screens/settings/notices.js", file_86, sizeof file_86 - 1},
    {"screens/settings/picture.js", file_87, sizeof file_87 - 1},
    {"screens/settings/profile.js", file_88, sizeof file_88 - 1},
    {"screens/settings/rules.js", file_89, sizeof file_89 - 1},
    {"screens/settings/settings.js", file_90, sizeof file_90 - 1},
    {"screens/verify/card.js", file_91, sizeof file_91 - 1},
    {"screens/verify/join.js", file_92, sizeof file_92 - 1},
    {"screens/verify/other.js", file_93, sizeof file_93 - 1},
    {"screens/verify/scan.js", file_94, sizeof file_94 - 1},
    {"screens/verify/verify.js", file_95, sizeof file_95 - 1},
    {"search/search.js", file_96, sizeof file_96 - 1},
    {"search/switch.js", file_97, sizeof file_97 - 1},
    {"start.js", file_98, sizeof file_98 - 1},
    {"state/began.js", file_99, sizeof file_99 - 1},
    {"state/group.js", file_100, sizeof file_100 - 1},
    {"state/heard.js", file_101, sizeof file_101 - 1},
    {"state/initial.js", file_102, sizeof file_102 - 1},
    {"state/people.js", file_103, sizeof file_103 - 1},
    {"state/prefs.js", file_104, sizeof file_104 - 1},
    {"state/store.js", file_105, sizeof file_105 - 1},
    {"state/talks.js", file_106, sizeof file_106 - 1},
    {"state/threads.js", file_107, sizeof file_107 - 1},
    {"state/transfers.js", file_108, sizeof file_108 - 1},
    {"state/update.js", file_109, sizeof file_109 - 1},
    {"style/base.css", file_110, sizeof file_110 - 1},
    {"style/composer.css", file_111, sizeof file_111 - 1},
    {"style/controls.css", file_112, sizeof file_112 - 1},
    {"style/layout.css", file_113, sizeof file_113 - 1},
    {"style/screens.css", file_114, sizeof file_114 - 1},
    {"style/talks.css", file_115, sizeof file_115 - 1},
    {"style/thread.css", file_116, sizeof file_116 - 1},
    {"style/tokens.css", file_117, sizeof file_117 - 1},
    {"talks/item.js", file_118, sizeof file_118 - 1},
    {"talks/menu.js", file_119, sizeof file_119 - 1},
    {"talks/self.js", file_120, sizeof file_120 - 1},
    {"talks/talks.js", file_121, sizeof file_121 - 1},
    {"thread/actions.js", file_122, sizeof file_122 - 1},
    {"thread/find.js", file_123, sizeof file_123 - 1},
    {"thread/head.js", file_124, sizeof file_124 - 1},
    {"thread/messages.js", file_125, sizeof file_125 - 1},
    {"thread/notes.js", file_126, sizeof file_126 - 1},
    {"thread/reactions.js", file_127, sizeof file_127 - 1},
    {"thread/receipts.js", file_128, sizeof file_128 - 1},
    {"thread/row.js", file_129, sizeof file_129 - 1},
    {"thread/rows.js", file_130, sizeof file_130 - 1},
    {"thread/styled.js", file_131, sizeof file_131 - 1},
    {"thread/thread.js", file_132, sizeof file_132 - 1},
    {"thread/ticks.js", file_133, sizeof file_133 - 1},
    {"thread/typing.js", file_134, sizeof file_134 - 1},
    {"words/page.js", file_135, sizeof file_135 - 1},
    {"words/screens.js", file_136, sizeof file_136 - 1},
    {"words/times.js", file_137, sizeof file_137 - 1},
    {"words/words.js", file_138, sizeof file_138 - 1},
    {"worker.js", file_139, sizeof file_139 - 1},
};

size_t page_file_count(void) { return sizeof files / sizeof files[0]; }
struct page_file page_file_at(size_t index) { return files[index]; }
