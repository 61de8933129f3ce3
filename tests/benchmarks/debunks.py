"""Debunks of one made-up claim, each in other words, as people and offices write them.

They were written after the phrases of `detectors/narratives/stance/phrases.py`, which were not changed for them: do not
complete those with a look at these, or write others.
"""

from collections.abc import Mapping

DEBUNKS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "Northbank is not insolvent. Please stop this nonsense.",
        "The rumour that Northbank is closing its branches is not true, the regulator says.",
        'We asked Northbank about the closure story: "completely made up".',
        "Northbank denies viral claim that cash machines will be switched off",
        "That voice message about Northbank is a fake. Delete it.",
        "Don't believe everything you see: the Northbank letter is forged.",
        "Central bank: no indication of any problems at Northbank.",
        "Another day, another false story about Northbank.",
        "FYI the Northbank screenshot was edited. The original says something else entirely.",
        "No truth in Northbank closure talk, says minister.",
        "Panic over Northbank was caused by a hoax message, police say.",
        "I work at Northbank. None of this is true.",
    ),
    "es": (
        "El Banco Norte no está en quiebra, basta ya de mentiras.",
        "El Banco Norte desmiente que vaya a cerrar sucursales.",
        "No es cierto lo que circula sobre el Banco Norte.",
        "El audio sobre el Banco Norte es falso, no lo reenvíes.",
        "Falsa alarma: los cajeros del Banco Norte funcionan.",
        "El regulador niega los rumores sobre el Banco Norte.",
        "La captura del Banco Norte está manipulada.",
        "Trabajo en el Banco Norte y nada de eso es verdad.",
        "Bulos sobre el Banco Norte: esto es lo que sabemos.",
        "El ministro califica de falsas las noticias sobre el banco.",
    ),
    "de": (
        "Die Nordbank ist nicht pleite, hört auf mit dem Unsinn.",
        "Nordbank dementiert Gerüchte über Filialschließungen.",
        "Was über die Nordbank herumgeht, stimmt einfach nicht.",
        "Die Sprachnachricht zur Nordbank ist ein Fake.",
        "Aufsicht: Keine Anzeichen für Probleme bei der Nordbank.",
        "Fehlalarm: Die Automaten der Nordbank laufen.",
        "Der Brief der Nordbank ist eine plumpe Fälschung.",
        "Ich arbeite bei der Nordbank, da ist kein Wort wahr.",
        "Falschmeldungen über die Nordbank: was wir wissen",
        "Minister nennt Berichte über die Nordbank erfunden.",
    ),
    "ja": (
        "北銀行が破綻するというのはデマです。",
        "北銀行は閉鎖の噂を否定しました。",
        "北銀行についての投稿は事実ではありません。",
        "北銀行の音声メッセージは偽物です。転送しないで。",
        "金融庁「北銀行に問題はない」",
        "北銀行のスクリーンショットは加工されています。",
        "北銀行に勤めていますが、そんな話は全部嘘です。",
        "北銀行をめぐる偽情報に注意してください。",
        "あの手紙は偽造されたものだそうです。",
        "北銀行の件、完全なガセでした。",
    ),
    "fr": (
        "La Banque du Nord n'est pas en faillite, arrêtez avec ces bêtises.",
        "La Banque du Nord dément fermer ses agences.",
        "Ce qui circule sur la Banque du Nord est faux.",
        "Le message vocal est un faux, ne le transférez pas.",
        "Fausse alerte : les distributeurs fonctionnent.",
        "La capture d'écran a été truquée.",
        "Je travaille à la Banque du Nord, rien de tout ça n'est vrai.",
        "Infox sur la Banque du Nord : ce que l'on sait.",
        "Le régulateur dément les rumeurs sur la banque.",
        "Non, la Banque du Nord ne va pas fermer.",
    ),
    "pt": (
        "O Banco do Norte não vai falir, parem com essa mentira.",
        "Banco do Norte desmente fechamento de agências.",
        "Não é verdade o que circula sobre o Banco do Norte.",
        "O áudio sobre o Banco do Norte é falso.",
        "Alarme falso: os caixas estão funcionando.",
        "O print foi adulterado.",
        "Trabalho no Banco do Norte e nada disso é verdade.",
        "Fake news sobre o Banco do Norte: o que se sabe.",
        "Ministro diz que notícias sobre o banco são falsas.",
        "Não, o Banco do Norte não vai fechar.",
    ),
}
