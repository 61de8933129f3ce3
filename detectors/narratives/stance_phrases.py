"""The phrases that `detectors/narratives/stance.py` looks for, by what they do and by language.

A phrase stands between two bars, begins and ends with a word (where its script parts words), and may end in a star: any
ending. They are compared in lower case. Add one only where it seldom means anything else: a missed denial costs
little, a false one can keep a story quiet.
"""

from collections.abc import Mapping
from enum import Enum, auto


class Cue(Enum):
    """What a phrase does."""

    DENIES = auto()
    """Says that what is going round is not so, wherever it stands."""
    VERDICT = auto()
    """The same where the text says that it speaks of something said: "this video is fake", not "fake handbags"."""
    SAID = auto()
    """Something said or shown."""
    NO = auto()
    """Opens a denial where a negation follows: "No, the office does not …"."""
    NEGATION = auto()
    OPENS_REPLY = auto()
    """Denies at the beginning of a reply."""
    IN_REPLY = auto()
    """Denies anywhere in a reply."""
    ASKS = auto()
    """Asks whether it is so, or how that is known."""
    DOUBT = auto()
    """The same where a question mark follows."""


PHRASES: Mapping[Cue, Mapping[str, str]] = {
    Cue.DENIES: {
        "en": """debunk*|fact check|fact checks|fact checked|fact checkers|fact-check|fact-checked|fact-checkers|
            factcheck|this is misinformation|is misinformation|misinformation about|spreading misinformation|
            misinformation circulating|misinformation alert|this is disinformation|is disinformation|
            spreading disinformation|is fake news|this fake news|more fake news|fake news about|spreading fake news|
            fake news alert|hoax alert|hoax going|this is a hoax|it is a hoax|it's a hoax|that's a hoax|is not true|
            isn't true|that's not true|not true that|is untrue|are untrue|this is false|that is false|it is false|
            it's false|that's false|this is fake|it is fake|it's fake|that's fake|these are fake|they're fake|
            this is a lie|that's a lie|no truth to|no truth in|no truth behind|false claim|false claims|
            falsely claims|falsely claim that|falsely claiming|false rumour*|false rumor*|false report*|
            false information|fake story|unfounded rumour*|unfounded rumor*|baseless rumour*|baseless rumor*|
            just a rumour|just a rumor|only a rumour|only a rumor|this never happened|that never happened|
            it never happened|stop spreading|stop sharing|do not share this|don't share this|
            don't believe the rumour*|don't believe the rumor*|don't fall for|do not fall for|contrary to claims|
            contrary to rumour*|contrary to rumor*|contrary to what you|no evidence that|no evidence to support|
            no evidence for|no proof that|there is no evidence|there's no evidence|this is satire|it's satire|
            is satirical|satirical site|satirical article|satire site|satire website|taken out of context|
            denied the rumour*|denied the rumor*|denies the rumour*|denies the rumor*|deny the rumour*|
            deny the rumor*|denied rumour*|denied rumor*|denies rumour*|denies rumor*|denied reports that|
            denies reports that|are not true|aren't true|still untrue|still not true|simply untrue|simply not true|
            rumour control|rumor control|myth:|myths debunked|a common myth|mythbust*|is a forgery|are forgeries|
            nothing to do with the claim""",
        "es": """desmentid*|desmient*|desminti*|bulo|bulos|esto es falso|eso es falso|es falso que|es falsa la|
            esto es mentira|eso es mentira|es mentira que|no es verdad que|no es cierto que|esto no es verdad|
            eso no es verdad|esto no es cierto|eso no es cierto|no es real|noticia falsa|noticias falsas|rumor falso|
            falso rumor|falsos rumores|sin fundamento|no hay pruebas de|no hay evidencia*|verificación de datos|
            verificamos|no difundas|no compartas|dejen de difundir|fuera de contexto|sacado de contexto|
            sacada de contexto|sacadas de contexto|esto nunca ocurrió|eso nunca ocurrió|esto nunca pasó|
            eso nunca pasó""",
        "fr": """c'est faux|il est faux que|il est faux de|c'est une infox|infox|démenti|dément avoir|dément vendre|
            dément les|dément la|dément toute|démentent|c'est pas vrai|ce n'est pas vrai|n'est pas vrai|
            fausse information|fausses informations|fausse nouvelle|fausses nouvelles|fausse rumeur|rumeur infondée|
            rumeurs infondées|intox|désinformation|canular|aucune preuve|sans fondement|hors contexte|
            sorti de son contexte|sortie de son contexte|arrêtez de partager|ne partagez pas|ne relayez pas|
            vérification des faits|fact-checking|c'est un mensonge""",
        "de": """das stimmt nicht|das stimmt so nicht|stimmt so nicht|es stimmt nicht|stimmt nicht, dass|
            falschmeldung|falschmeldungen|falschnachricht*|das ist falsch|ist falsch, dass|das ist gelogen|
            ist frei erfunden|das ist erfunden|nicht wahr, dass|ist nicht wahr|schlicht nicht wahr|einfach nicht wahr|
            nichts dran|widerlegt|faktencheck|fakten-check|dementier*|dementi|gezielte desinformation|fake news:|
            sind fake news|ist fake news|ist ein fake|keine belege|kein beleg|keine beweise für|unbelegt|
            aus dem zusammenhang|nicht weiterverbreiten|nicht verbreiten|hört auf zu teilen|nicht weiterleiten|
            entbehrt jeder grundlage|gerücht ist falsch|nur ein gerücht|das ist nie passiert|das hat es nie gegeben|
            kursiert ein falsch*|es kursieren falsch*|irreführend*""",
        "pt": """não é verdade|isso é falso|isto é falso|é falso que|é falsa a|isso é mentira|isto é mentira|
            é mentira que|é boato|é um boato|são boatos|boato falso|boatos falsos|desmentiu|desmente|desmentem|
            desmentid*|notícia falsa|notícias falsas|não há provas|não há evidência*|sem fundamento|fora de contexto|
            não compartilhe|não partilhe|parem de espalhar|checagem|verificação de factos|isso nunca aconteceu""",
        "it": """bufala|bufale|non è vero|questo è falso|è falso che|falso che|è una notizia falsa|notizia falsa|
            notizie false|smentit*|smentisc*|smentiamo|nessuna prova|non ci sono prove|priva di fondamento|
            senza fondamento|fuori contesto|non condividete|smettetela di condividere|disinformazione|
            è una menzogna""",
        "nl": """dit klopt niet|dat klopt niet|klopt niet dat|niet waar dat|dat is niet waar|dit is niet waar|
            nepnieuws|factcheck|onwaar|geen bewijs voor|geen bewijs dat|ontkracht|weerlegd|desinformatie|
            uit de context|broodjeaapverhaal""",
        "pl": """to nieprawda|nieprawdą jest|to fałsz|fałszywa informacja|fałszywe informacje|to fake news|
            zdementowa*|dementuje*|nie ma dowodów|to plotka|wyrwane z kontekstu|nie udostępniaj*|dezinformacja""",
        "ru": """это неправда|это ложь|это фейк|фейк|фейковая новость|фейковые новости|
            не соответствует действительности|опроверг*|опровергает*|опровержение|нет доказательств|недостоверн*|
            ложная информация|дезинформация|слухи не подтвердились|это слухи|не распространяйте|не верьте|
            вырвано из контекста|вброс""",
        "tr": """doğru değil|gerçek değil|gerçeği yansıtmıyor|asılsız*|yalan haber|sahte haber|bu iddia yanlış|
            iddia yanlış*|yalanlandı|yalanladı|doğruluk payı yok|kanıt yok|dezenformasyon|bağlamından kopar*|
            paylaşmayın|doğruluk kontrolü""",
        "id": """hoaks|ini hoax|itu hoax|hoax:|kabar hoax|adalah hoax|tidak benar|kabar bohong|berita bohong|
            informasi palsu|berita palsu|disinformasi|misinformasi|tidak ada bukti|cek fakta|jangan sebarkan|bantah|
            membantah kabar|membantah klaim|dibantah|informasi keliru|menyesatkan""",
        "ar": """شائعة|إشاعة|اشاعة|شائعات|غير صحيح|غير صحيحة|ليس صحيحا|خبر كاذب|أخبار كاذبة|اخبار كاذبة|خبر زائف|
            أخبار زائفة|معلومات مضللة|ادعاء مضلل|لا صحة|لا أساس له|لا أساس لها|عار عن الصحة|عارية عن الصحة|نفى صحة|
            ينفي صحة|تنفي صحة|نفت صحة|لا دليل على|مفبرك|لا تنشروا""",
        "hi": """अफवाह|अफ़वाह|झूठी खबर|झूठी ख़बर|फेक न्यूज|फ़ेक न्यूज़|फर्जी खबर|फ़र्ज़ी|फर्जी है|भ्रामक|झूठा दावा|
            दावा गलत|दावा झूठा|सच नहीं है|सही नहीं है|फैक्ट चेक|फ़ैक्ट चेक|कोई सबूत नहीं|निराधार|खंडन किया""",
        "ja": """これはデマ|デマです|デマだ|デマで|デマが|デマを|デマに|デマの|デマは|デマ情報|誤情報|偽情報|
            フェイクニュース|ファクトチェック|事実ではありません|事実ではない|事実じゃない|事実と異な|事実無根|
            根拠のない|根拠はありません|根拠がありません|証拠はありません|証拠はない|真実ではあり|真実ではない|作り話|
            捏造|虚偽の情報|虚偽情報|根も葉もない|ガセネタ|嘘です|うそです|ウソです|誤りです|真っ赤な嘘|拡散しないで|
            広めないで|加工された画像|加工されたもの|合成画像|否定しました|否定しています""",
        "ko": """가짜뉴스|가짜 뉴스|사실이 아|사실무근|사실 무근|허위사실|허위 사실|허위정보|허위 정보|팩트체크|
            팩트 체크|거짓 정보|거짓입니다|거짓으로|근거 없는|근거가 없|루머일 뿐|루머입니다|유포하지|퍼뜨리지|
            퍼트리지|오보입니다|조작된 영상|조작된 사진""",
        "zh": """辟谣|谣言|谣传|不实|假消息|假新闻|不是真的|不属实|子虚乌有|没有证据|并无证据|虚假信息|虚假消息|
            事实核查|请勿传播|不要传播|不信谣|断章取义|闢謠|謠言|謠傳|不實|假新聞|不屬實|沒有證據|虛假訊息|事實查核|
            請勿轉傳|不要轉傳""",
    },
    Cue.VERDICT: {
        "en": """false|fake|a hoax|untrue|a lie|bogus|baseless|unfounded|fabricated|misleading|doctored|photoshopped|
            manipulated|digitally altered|a deepfake|incorrect|inaccurate|not real|isn't real|not genuine|
            isn't genuine|not accurate|not true|no basis|unproven|out of context|a forgery|forged|not recent|
            no evidence""",
        "es": """falso|falsa|falsos|falsas|mentira|manipulad*|engaños*|trucad*|un montaje|no es verdad|no es cierto|
            es inventad*""",
        "fr": "faux|fausse|fausses|truquée*|mensong*|trompeu*|détourné*|inventé*|un montage|infondé*",
        "de": """falsch|gefälscht*|unwahr|erfunden*|manipuliert*|fake|lüge|eine ente|unsinn|unbegründet|haltlos|
            nicht echt|stimmt nicht|stimmen nicht|nicht wahr|fälschung""",
        "pt": "falso|falsa|falsos|falsas|mentira|manipulad*|enganos*|uma montagem|inventad*",
        "it": "falso|falsa|falsi|false|inventat*|manipolat*|ingannevol*|fotomontaggio|infondat*",
        "nl": "vals|nep|onjuist*|verzonnen|gemanipuleerd*|misleidend*|klopt niet",
        "pl": "fałszyw*|nieprawd*|zmyślon*|zmanipulowan*|spreparowan*",
        "ru": "ложн*|ложь|неправда|выдум*|поддел*|сфабрикован*|не соответствует",
        "tr": "yanlış|yalan|sahte|uydurma|montaj", "id": "palsu|bohong|tidak benar|rekayasa",
        "ar": "كاذب|كاذبة|مفبركة|مضلل|مضللة|زائف|زائفة|ملفق|ملفقة",
        "hi": "झूठी|झूठा|झूठ है|फर्जी|फ़र्ज़ी|गलत|भ्रामक|निराधार", "ja": "嘘|誤り|偽物|虚偽|捏造|フェイク",
        "ko": "거짓|가짜|허위|조작", "zh": "虚假|假的|不实|伪造|误导",
    },
    Cue.SAID: {
        "en": """claim|claims|claiming|rumour*|rumor*|story|stories|report|reports|post|posts|tweet|tweets|message|
            messages|text message|video|videos|clip|footage|photo|photos|picture|pictures|image|images|screenshot|
            screenshots|article|headline|quote|letter|flyer|meme|viral|circulating|going round|going around|
            spreading online|news that|allegation|allegations|whatsapp|forwarded|statement|theory""",
        "es": """rumor|rumores|noticia|vídeo|video|mensaje|foto|imagen|audio|cadena|publicación|afirmación|carta|
            captura|circula|circulan|viral""",
        "fr": """rumeur|rumeurs|nouvelle|info|information|vidéo|message|photo|image|publication|affirmation|article|
            courrier|lettre|circule|circulent|virale""",
        "de": """gerücht|gerüchte|meldung|nachricht|video|foto|bild|behauptung|behauptungen|kettenbrief|beitrag|
            posting|artikel|brief|dokument|screenshot|kursiert|kursieren|aussage|geschichte""",
        "pt": """rumor|rumores|notícia|vídeo|mensagem|foto|imagem|áudio|corrente|publicação|afirmação|carta|circula|
            circulam|viral|alegação""",
        "it": """notizia|voce|voci|video|messaggio|foto|immagine|audio|catena|affermazione|lettera|post|circola|
            circolano|virale""",
        "nl": "gerucht|geruchten|bericht|berichten|video|foto|bewering|verhaal|brief",
        "pl": "plotka|plotki|wiadomość|informacja|nagranie|zdjęcie|film|wpis|twierdzenie|list",
        "ru": "слух|слухи|новость|сообщение|сообщения|видео|фото|пост|утверждение|информация|письмо",
        "tr": "iddia*|söylenti*|haber|haberi|haberler|video|fotoğraf|görüntü*|mesaj|mektup|paylaşım",
        "id": "kabar|klaim|pesan|video|foto|gambar|berita|surat|unggahan|narasi|viral|beredar",
        "ar": "الخبر|الأخبار|المعلومات|الفيديو|الصورة|الصور|الرسالة|المنشور|المتداول|ادعاء|الادعاء|التصريح",
        "hi": "खबर|ख़बर|दावा|दावे|वीडियो|मैसेज|संदेश|तस्वीर|पोस्ट|वायरल",
        "ja": "投稿|動画|画像|写真|噂|うわさ|情報|という話|ツイート|チェーンメール",
        "ko": "소문|영상|사진|글은|글이|정보|주장|메시지", "zh": "传言|说法|消息|视频|图片|照片|帖子|网传|文章|截图",
    },
    Cue.NO: {
        "en": "no|nope", "es": "no", "fr": "non", "de": "nein", "pt": "não", "it": "no", "nl": "nee", "pl": "nie",
        "ru": "нет", "tr": "hayır", "id": "tidak", "ja": "いいえ|いや", "ko": "아니요|아닙니다", "zh": "不是的",
    },
    Cue.NEGATION: {
        "en": """not|isn't|aren't|wasn't|weren't|doesn't|don't|didn't|hasn't|haven't|won't|can't|cannot|never|
            there is no|there are no|there's no""",
        "es": "no|nunca|ningún|ninguna", "fr": "pas|jamais|aucun|aucune", "de": "nicht|kein*|nie|niemals",
        "pt": "não|nunca|nenhum*", "it": "non|mai|nessun*", "nl": "niet|geen", "pl": "nie", "ru": "не",
        "tr": "değil|yok", "id": "tidak|bukan|belum", "ja": "ありません|ない|ません", "ko": "않|없|아닙",
        "zh": "没有|不",
    },
    Cue.OPENS_REPLY: {
        "en": """not true|not an|not the|not confirmed|not according|wrong|false|fake|fake news|lies|lie|liar|bs|
            bullshit|incorrect|untrue|nonsense|bollocks|hoax|that's not the|that's not what|that's not a|
            thats not the|that is not the|that is not what|that isn't|this is not the|this isn't|i don't believe""",
        "es": "falso|falsa|mentira|no es verdad|no es cierto|eso no|bulo|fake|qué mentira|que mentira",
        "fr": "faux|intox|c'est faux|mensonge|pas vrai|n'importe quoi|fake",
        "de": "falsch|quatsch|unsinn|stimmt nicht|fake|lüge",
        "pt": "falso|boato|mentira|fake|não é verdade|nada disso", "it": "falso|bugia|non è vero|fake|balle|bufala",
        "nl": "niet waar|onzin|klopt niet|nep", "pl": "nieprawda|bzdura|fake",
        "ru": "неправда|ложь|фейк|враньё|вранье|бред", "tr": "yalan|yanlış|doğru değil",
        "id": "bohong|hoax|hoaks|salah", "ar": "كذب|كذبة|غير صحيح", "hi": "झूठ|गलत", "ja": "嘘|デマ|違います|違うよ",
        "ko": "거짓|아닙니다|아닌데", "zh": "假的|谣言|不是真的",
    },
    Cue.IN_REPLY: {
        "en": """not confirmed|isn't confirmed|not been confirmed|your facts|ur facts|the facts straight|facts wrong|
            stick to the facts|check the facts|not true|untrue|is wrong and|is a lie|are lies|is lying|are lying|
            you're lying|stop lying|is bs|is fake|is false|are false|a hoax|all lies|total bs|is not him|isn't him|
            is not her|misleading|speculation|don't speculate|spread rumours|spread rumors|spreading rumours|
            spreading rumors|do not spread|don't spread|didn't happen|did not happen|never happened|
            irresponsible reporting|false information|an exaggeration|exaggerating|contradicts this|state otherwise|
            says otherwise|made this up|making this up|make up stories""",
        "es": """es falso|es mentira|no es cierto|no es verdad|es un bulo|mentiroso|mentirosa|sin confirmar|
            no está confirmado""",
        "fr": "est faux|un mensonge|pas confirmé|n'importe quoi|menteur|vous mentez|tu mens",
        "de": "stimmt nicht|ist falsch|gelogen|quatsch|unsinn|nicht bestätigt|unbestätigt|gerücht",
        "pt": "é falso|é mentira|mentiroso|não confirmad*|não foi confirmad*",
        "it": "è falso|una bugia|bugiard*|non confermat*", "nl": "niet waar|klopt niet|onzin|niet bevestigd",
        "pl": "nieprawda|bzdury|kłamst*", "ru": "неправда|ложь|враньё|вранье|не подтвержд*",
        "tr": "yalan|doğru değil|teyit edilmedi", "id": "bohong|tidak benar|belum terkonfirmasi",
        "ar": "كذب|غير مؤكد", "hi": "झूठ|गलत है|झूठी", "ja": "嘘|デマ|違います|未確認",
        "ko": "거짓|아닙니다|확인되지 않", "zh": "假的|不实|谣言|未经证实",
    },
    Cue.ASKS: {
        "en": """is this true|is that true|is it true|is this real|is that real|is it real|is this legit|is this fake|
            is it fake|is this accurate|are these real|can anyone confirm|can someone confirm|can anybody confirm|
            can you confirm|could someone confirm|anyone confirm|can anyone verify|can someone verify|can you verify|
            any source?|any sources?|your source|source please|source plz|source pls|any proof|any evidence|
            any confirmation|has this been confirmed|has that been confirmed|has this been verified|is this confirmed|
            is that confirmed|is it confirmed|how do you know|how do we know if|what is the source|what's the source|
            whats the source|where did you hear|where did you get this|where is the evidence|where's the evidence|
            where is the proof|where's the proof|true or false|fact or fiction|anyone know if this|
            anybody know if this|does anyone know if|does anyone know whether""",
        "es": """es verdad?|es cierto?|es verdad esto|es cierto esto|es esto verdad|es esto cierto|
            alguien puede confirmar|pueden confirmar|puede confirmar alguien|alguien sabe si|hay pruebas?|
            cuál es la fuente|la fuente?|fuente?|es real?""",
        "fr": """c'est vrai?|c'est vrai ?|est-ce vrai|est-ce que c'est vrai|c'est confirmé|quelqu'un peut confirmer|
            pouvez-vous confirmer|quelle est la source|une source?|une source ?|source?|source ?|vous avez une source|
            quelqu'un sait si|est-ce confirmé""",
        "de": """stimmt das|stimmt es, dass|ist das wahr|ist das echt|ist das bestätigt|kann das jemand bestätigen|
            kann jemand bestätigen|weiß jemand, ob|weiß jemand ob|gibt es belege|gibt es dafür|welche quelle|
            deine quelle|eure quelle|was ist die quelle|wo ist die quelle|wahr oder falsch""",
        "pt": """é verdade?|isso é verdade|isto é verdade|será verdade|alguém pode confirmar|alguém confirma|
            alguém sabe se|qual a fonte|qual é a fonte|fonte?|é real?""",
        "it": """è vero?|è tutto vero?|qualcuno può confermare|qualcuno sa se|qual è la fonte|la fonte?|fonte?|
            è confermato|si può confermare""",
        "nl": "is dit waar|is dat waar|klopt dit|klopt dat|kan iemand bevestigen|weet iemand of|wat is de bron|bron?",
        "pl": "czy to prawda|to prawda?|czy ktoś może potwierdzić|ktoś wie czy|jakie jest źródło|źródło?",
        "ru": """это правда?|правда ли|кто-нибудь может подтвердить|кто может подтвердить|какой источник|источник?|
            где доказательства|это точно?""",
        "tr": "doğru mu|gerçek mi|teyit edebilir mi|doğrulayabilir mi|kaynak nedir|kaynak?|kanıt var mı",
        "id": "apakah ini benar|apakah benar|benarkah|bener gak|ada yang bisa konfirmasi|sumbernya|sumber?|hoax atau",
        "ar": "هل هذا صحيح|هل صحيح|هل الخبر صحيح|هل يمكن لأحد تأكيد|ما المصدر|ما هو المصدر|المصدر؟|وين المصدر|صحيح؟",
        "hi": "क्या यह सच|क्या ये सच|क्या यह सही|क्या ये सही|सच है क्या|कोई पुष्टि|स्रोत क्या|क्या सच में",
        "ja": """本当ですか|本当か|本当なの|ほんとですか|マジですか|事実ですか|事実なの|ソースは|ソースどこ|
            確認できますか|確認できる人|真偽は|デマですか|デマなの|本当でしょうか""",
        "ko": """진짜?|진짜인가요|진짜예요|사실인가요|사실이에요|사실입니까|정말인가요|출처가|출처는|확인된 건가|
            확인해 주실|아시는 분""",
        "zh": """真的吗|是真的么|真的嗎|是真是假|真的假的|属实吗|屬實嗎|有证据吗|有證據嗎|来源是|消息来源|出处|
            谁能证实|求证|求證""",
    },
    Cue.DOUBT: {
        "en": """really|true|real|legit|fake|hoax|confirmed|confirm|verified|source|sources|proof|evidence|rumour*|
            rumor*|anyone know|anybody know|are you sure|are we sure|for real|is that so""",
        "es": "verdad|cierto|en serio|de verdad|confirmad*|pruebas|rumor|fuente|seguro que",
        "fr": "vrai|vraiment|sérieux|confirmé*|preuve|preuves|rumeur|source|sûr",
        "de": "wirklich|echt|wahr|bestätigt|beweise|belege|gerücht|ernsthaft|stimmt",
        "pt": "verdade|sério|confirmad*|provas|boato|fonte", "it": "vero|davvero|confermat*|fonte",
        "nl": "echt|waar|zeker|bevestigd|bron|bewijs", "pl": "prawda|naprawdę|serio|potwierdzon*|dowody|źródło",
        "ru": "правда|действительно|точно|серьёзно|серьезно|подтвержден*|источник",
        "tr": "gerçekten|doğru|emin misin*|kaynak", "id": "benar|beneran|serius|sumber|yakin",
        "ar": "صحيح|حقا|مؤكد|مصدر", "hi": "सच|पक्का|सबूत", "ja": "本当|ほんと|マジ|ソース|事実",
        "ko": "정말|진짜|사실|출처", "zh": "真的|确定|確定|证实|證實|来源",
    },
}  # fmt: skip
"""By cue and language. All are looked for in every text: the languages keep the lists readable, and tell which negation
belongs to which "no".
"""
