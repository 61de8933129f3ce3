"""The words that must stand near some phrases of `detectors/narratives/stance/phrases.py` before those deny anything.

They are looked for only where such a phrase was found, and written down in the same way.
"""

from collections.abc import Mapping

from detectors.narratives.stance.phrases import Cue

CONTEXT: Mapping[Cue, Mapping[str, str]] = {
    Cue.PRONOUN: {
        "en": "this is|that is|that's|it is|it's|this was|it was|which is|these are",
    },
    Cue.SAID: {
        "en": """claim|claims|claiming|rumour*|rumor*|story|stories|post|posts|tweet|tweets|message|messages|
            text message|video|videos|clip|footage|photo|photos|picture|pictures|image|images|screenshot|screenshots|
            headline|quote|flyer|meme|viral|circulating|going round|going around|spreading online|news that|whatsapp|
            forwarded|online|social media|facebook|leaked memo|memo|document|chain letter|rumours|narrative|
            news report|news reports|media reports|reports of|reports that|report that|this report|that report|
            these reports|those reports|reports on|reports right now|this article|the article|letter""",
        "es": """rumor|rumores|noticia|vídeo|video|mensaje|foto|imagen|audio|cadena|publicación|afirmación|carta|
            captura|circula|circulan|viral|mensajes|fotos|vídeos|videos|imágenes|noticias|audios|informe|documento|
            historia|bulo|redes sociales""",
        "fr": """rumeur|rumeurs|nouvelle|info|information|vidéo|message|photo|image|publication|affirmation|article|
            courrier|lettre|circule|circulent|virale|messages|images|photos|vidéos|rapport|document|histoire|
            réseaux sociaux|affirmations""",
        "de": """gerücht|gerüchte|meldung|nachricht|video|foto|bild|behauptung|behauptungen|kettenbrief|beitrag|
            posting|artikel|brief|dokument|screenshot|kursiert|kursieren|aussage|geschichte|meldungen|nachrichten|
            fotos|bilder|videos|beiträge|posts|bericht|berichte|gerüchten|sprachnachricht""",
        "pt": """rumor|rumores|notícia|vídeo|mensagem|foto|imagem|áudio|corrente|publicação|afirmação|carta|circula|
            circulam|viral|alegação|mensagens|fotos|vídeos|imagens|notícias|documento|relatório|boato|
            redes sociais""",
        "it": """notizia|voce|voci|video|messaggio|foto|immagine|audio|catena|affermazione|lettera|post|circola|
            circolano|virale|notizie|messaggi|documento|rapporto|storia|immagini""",
        "nl": "gerucht|geruchten|bericht|berichten|video|foto|bewering|verhaal|brief",
        "pl": "plotka|plotki|wiadomość|informacja|nagranie|zdjęcie|film|wpis|twierdzenie|list",
        "ru": """слух|слухи|новость|сообщение|сообщения|видео|фото|пост|утверждение|информация|письмо|сообщений|
            информации|документ|картинка|скриншот|фотография""",
        "tr": "iddia*|söylenti*|haber|haberi|haberler|video|fotoğraf|görüntü*|mesaj|mektup|paylaşım",
        "id": "kabar|klaim|pesan|video|foto|gambar|berita|surat|unggahan|narasi|viral|beredar",
        "ar": "الخبر|الأخبار|المعلومات|الفيديو|الصورة|الصور|الرسالة|المنشور|المتداول|ادعاء|الادعاء|التصريح",
        "hi": "खबर|ख़बर|दावा|दावे|वीडियो|मैसेज|संदेश|तस्वीर|पोस्ट|वायरल",
        "ja": """投稿|動画|画像|写真|噂|うわさ|情報|という話|ツイート|チェーンメール|文書|メッセージ|書類|話は|主張|
            SNS|LINE""",
        "ko": "소문|영상|사진|글은|글이|정보|주장|메시지|사진은|문서|메신저|게시물",
        "zh": "传言|说法|消息|视频|图片|照片|帖子|网传|文章|截图|传闻|文件|新闻|信息|朋友圈",
    },
    Cue.RUMOUR: {
        "en": """rumour*|rumor*|viral|circulating|going round|going around|social media|online claim*|online posts|
            posts online|whatsapp|messages|fake news|hoax|misinformation""",
        "es": "rumor|rumores|bulo|bulos|viral|virales|whatsapp|redes sociales|mensajes",
        "fr": "rumeur|rumeurs|viral|virale|virales|viraux|whatsapp|réseaux sociaux|intox",
        "de": "gerücht*|viral|virale|virales|kursier*|whatsapp|kettenbrief*|falschmeldung*",
        "pt": "rumor|rumores|boato|boatos|viral|virais|whatsapp|redes sociais",
        "it": "voci|viral*|whatsapp|bufala|bufale|catena", "nl": "gerucht*|virale|whatsapp|nepnieuws",
        "pl": "plotk*|pogłosk*|fake news*", "ru": "слух|слухи|слухов|слухам|фейк*|вброс*",
        "tr": "söylenti*|iddia*|sosyal medya*", "id": "isu|rumor|kabar|hoaks|viral",
        "ar": "شائعة|الشائعات|شائعات|إشاعة|ما يتداول|ما تم تداوله", "hi": "अफवाह|वायरल|दावे",
        "ja": "噂|うわさ|デマ|という情報|との情報|という話|の話を", "ko": "소문|루머|설을|의혹",
        "zh": "谣言|传言|网传|传闻|謠言|傳言|網傳",
    },
    Cue.NEGATION: {
        "en": """not|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't|won't|can't|cannot|never|
            there is no|there are no|there's no""",
        "es": "no|nunca|ningún|ninguna", "fr": "pas|jamais|aucun|aucune", "de": "nicht|kein*|nie|niemals",
        "pt": "não|nunca|nenhum*", "it": "non|mai|nessun*", "nl": "niet|geen", "pl": "nie", "ru": "не",
        "tr": "değil|yok", "id": "tidak|bukan|belum", "ja": "ありません|ない|ません", "ko": "않|없|아닙",
        "zh": "没有|不",
    },
}  # fmt: skip
