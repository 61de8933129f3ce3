"""The phrases by which `reading.py` knows denials and questions, by what they do and by language.

A phrase stands between two bars, begins and ends with a word (where its script parts words), and may end in a star: any
ending. They are compared in lower case, and all of them with every text: the languages keep the lists readable. Add
one only where it seldom means anything else: a missed denial costs little, a false one can keep a story quiet.
"""

from collections.abc import Mapping
from enum import Enum, auto


class Cue(Enum):
    """What a phrase does."""

    DENIES = auto()
    """Says that what is going round is not so, wherever it stands."""
    VERDICT = auto()
    """The same where the text says that it speaks of something said: "this video is fake", not "fake handbags"."""
    REJECTS = auto()
    """The same where a word for talk without a source follows: "the office dismisses rumours that ..."."""
    NO = auto()
    """The same at the beginning, where a negation follows: "No, the office does not ..."."""
    OPENS_REPLY = auto()
    """The same at the beginning of a reply."""
    IN_REPLY = auto()
    """The same anywhere in a reply."""
    ASKS = auto()
    """Asks whether it is so, or how that is known."""
    DOUBT = auto()
    """The same where a question mark follows."""
    SAID = auto()
    """Something said or shown."""
    PRONOUN = auto()
    """Stands for something said, where a verdict follows at once: "it's not true"."""
    RUMOUR = auto()
    """Talk without a source; not an accusation: who denies one is still accused."""
    NEGATION = auto()


PHRASES: Mapping[Cue, Mapping[str, str]] = {
    Cue.DENIES: {
        "en": """debunk*|fact check|fact checks|fact checked|fact checkers|fact-check|fact-checked|fact-checkers|
            factcheck|is misinformation|misinformation about|spreading misinformation|misinformation circulating|
            misinformation alert|is disinformation|spreading disinformation|more fake news|fake news about|
            spreading fake news|fake news alert|hoax alert|hoax going|not true that|is untrue|are untrue|no truth to|
            no truth in|no truth behind|false claim|false claims|falsely claims|falsely claim that|falsely claiming|
            false rumour*|false rumor*|false report*|false information|fake story|unfounded rumour*|unfounded rumor*|
            baseless rumour*|baseless rumor*|just a rumour|just a rumor|only a rumour|only a rumor|
            this never happened|that never happened|it never happened|stop spreading|stop sharing|do not share this|
            don't share this|don't believe the rumour*|don't believe the rumor*|don't fall for|do not fall for|
            contrary to claims|contrary to rumour*|contrary to rumor*|contrary to what you|no evidence that|
            no evidence to support|no evidence for|no proof that|there is no evidence|there's no evidence|
            is satirical|satirical site|satirical article|satire site|satire website|taken out of context|
            denied the rumour*|denied the rumor*|denies the rumour*|denies the rumor*|deny the rumour*|
            deny the rumor*|denied rumour*|denied rumor*|denies rumour*|denies rumor*|denied reports that|
            denies reports that|are not true|aren't true|still untrue|still not true|simply untrue|simply not true|
            rumour control|rumor control|myth:|myths debunked|a common myth|mythbust*|is a forgery|are forgeries|
            nothing to do with the claim|is not true|isn't true|none of this is true|none of it is true|
            there is nothing to it|these are fake|they're fake|no evidence of|no trace of|no proof of|
            without evidence that|contrary to posts|contrary to viral|contrary to messages|contrary to online|
            contrary to social|contrary to popular|contrary to reports|before you share|before sharing|do not forward|
            don't forward|not forward it|please do not share|please don't share|set the record straight|
            not what it claims|this fake news|nothing but fake news""",
        "es": """desmentid*|desmient*|desminti*|bulo|bulos|esto es falso|eso es falso|es falso que|es falsa la|
            esto es mentira|eso es mentira|es mentira que|no es verdad que|no es cierto que|esto no es verdad|
            eso no es verdad|esto no es cierto|eso no es cierto|no es real|noticia falsa|noticias falsas|rumor falso|
            falso rumor|falsos rumores|sin fundamento|no hay pruebas de|no hay evidencia*|verificación de datos|
            verificamos|no difundas|no compartas|dejen de difundir|fuera de contexto|sacado de contexto|
            sacada de contexto|sacadas de contexto|esto nunca ocurrió|eso nunca ocurrió|esto nunca pasó|
            eso nunca pasó|es mentira lo|es falso lo|no hay ninguna prueba|no hay prueba|no hay ninguna evidencia|
            compartir bulos|no reenviar|no reenvíes|no lo compartas|desmonta|desmontan|desmontamos|todo es mentira|
            todo mentira|es totalmente falso|es completamente falso|no existe ninguna prueba|no tiene fundamento|
            carece de fundamento""",
        "fr": """c'est faux|il est faux que|il est faux de|c'est une infox|infox|démenti|dément avoir|dément vendre|
            dément les|dément la|dément toute|démentent|c'est pas vrai|ce n'est pas vrai|n'est pas vrai|
            fausse information|fausses informations|fausse nouvelle|fausses nouvelles|fausse rumeur|rumeur infondée|
            rumeurs infondées|intox|désinformation|canular|aucune preuve|sans fondement|hors contexte|
            sorti de son contexte|sortie de son contexte|arrêtez de partager|ne partagez pas|ne relayez pas|
            vérification des faits|fact-checking|c'est un mensonge|est faux|complètement faux|totalement faux|
            tout est faux|est un faux|est une rumeur|aucune trace de|démonte|démontent|ne pas relayer|ne pas partager|
            rien de vrai|n'est qu'une rumeur|rétabli*|mensonger""",
        "de": """das stimmt nicht|das stimmt so nicht|stimmt so nicht|es stimmt nicht|stimmt nicht, dass|
            falschmeldung|falschmeldungen|falschnachricht*|das ist falsch|ist falsch, dass|das ist gelogen|
            ist frei erfunden|das ist erfunden|nicht wahr, dass|ist nicht wahr|schlicht nicht wahr|einfach nicht wahr|
            nichts dran|widerlegt|faktencheck|fakten-check|dementier*|dementi|gezielte desinformation|fake news:|
            sind fake news|ist fake news|ist ein fake|keine belege|kein beleg|keine beweise für|unbelegt|
            aus dem zusammenhang|nicht weiterverbreiten|nicht verbreiten|hört auf zu teilen|nicht weiterleiten|
            entbehrt jeder grundlage|gerücht ist falsch|nur ein gerücht|das ist nie passiert|das hat es nie gegeben|
            kursiert ein falsch*|es kursieren falsch*|irreführend*|widerleg*|keine hinweise auf|keinerlei hinweise|
            keinerlei belege|keine beweise|alles quatsch|alles unsinn|alles gelogen|alles falsch|alles erfunden|
            nicht weiterzuleiten|nicht zu verbreiten|lügen zu verbreiten|falsche nachricht*|falsche gerücht*|
            falsche behauptung*|falschbehauptung*|richtigstellung|klarstellung|kein wort wahr|nichts als gerüchte""",
        "pt": """não é verdade|isso é falso|isto é falso|é falso que|é falsa a|isso é mentira|isto é mentira|
            é mentira que|é boato|é um boato|são boatos|boato falso|boatos falsos|desmentiu|desmente|desmentem|
            desmentid*|notícia falsa|notícias falsas|não há provas|não há evidência*|sem fundamento|fora de contexto|
            não compartilhe|não partilhe|parem de espalhar|checagem|verificação de factos|isso nunca aconteceu|
            não há nenhuma prova|não há indício*|tudo mentira|é totalmente falso|é completamente falso|não encaminhe|
            não repasse|não existe prova|não procede""",
        "it": """bufala|bufale|non è vero|questo è falso|è falso che|falso che|è una notizia falsa|notizia falsa|
            notizie false|smentit*|smentisc*|smentiamo|nessuna prova|non ci sono prove|priva di fondamento|
            senza fondamento|fuori contesto|non condividete|smettetela di condividere|disinformazione|è una menzogna|
            nessuna traccia di|è tutto falso|tutto falso|totalmente falso|completamente falso|non c'è nessuna prova|
            non inoltrate|smontat*""",
        "nl": """dit klopt niet|dat klopt niet|klopt niet dat|niet waar dat|dat is niet waar|dit is niet waar|
            nepnieuws|factcheck|onwaar|geen bewijs voor|geen bewijs dat|ontkracht|weerlegd|desinformatie|
            uit de context|broodjeaapverhaal|geen enkel bewijs|niets van waar|niet doorsturen|trap er niet in""",
        "pl": """to nieprawda|nieprawdą jest|to fałsz|fałszywa informacja|fałszywe informacje|to fake news|
            zdementowa*|dementuje*|nie ma dowodów|to plotka|wyrwane z kontekstu|nie udostępniaj*|dezinformacja|
            nie ma dowodu|nie wierzcie|to bzdura|nieprawdziw*""",
        "ru": """это неправда|это ложь|это фейк|фейк|фейковая новость|фейковые новости|
            не соответствует действительности|опроверг*|опровергает*|опровержение|нет доказательств|недостоверн*|
            ложная информация|дезинформация|слухи не подтвердились|это слухи|не распространяйте|не верьте|
            вырвано из контекста|вброс|нет никаких доказательств|ничего общего с действительностью|не подтвердил*|
            не является правдой|ложные слухи""",
        "tr": """doğru değil|gerçek değil|gerçeği yansıtmıyor|asılsız*|yalan haber|sahte haber|bu iddia yanlış|
            iddia yanlış*|yalanlandı|yalanladı|doğruluk payı yok|kanıt yok|dezenformasyon|bağlamından kopar*|
            paylaşmayın|doğruluk kontrolü|inanmayın|itibar etmeyin|gerçekle ilgisi|böyle bir şey yok|tamamen yalan|
            tamamen asılsız""",
        "id": """hoaks|ini hoax|itu hoax|hoax:|kabar hoax|adalah hoax|tidak benar|kabar bohong|berita bohong|
            informasi palsu|berita palsu|disinformasi|misinformasi|tidak ada bukti|cek fakta|jangan sebarkan|bantah|
            membantah kabar|membantah klaim|dibantah|informasi keliru|menyesatkan|jangan percaya|jangan mudah percaya|
            tidak terbukti|tidak berdasar|tidak ada kaitannya""",
        "ar": """شائعة|إشاعة|اشاعة|شائعات|غير صحيح|غير صحيحة|ليس صحيحا|خبر كاذب|أخبار كاذبة|اخبار كاذبة|خبر زائف|
            أخبار زائفة|معلومات مضللة|ادعاء مضلل|لا صحة|لا أساس له|لا أساس لها|عار عن الصحة|عارية عن الصحة|نفى صحة|
            ينفي صحة|تنفي صحة|نفت صحة|لا دليل على|مفبرك|لا تنشروا|لا تصدقوا|ليست صحيحة|ليس صحيح|لا يوجد دليل|ننفي""",
        "hi": """अफवाह|अफ़वाह|झूठी खबर|झूठी ख़बर|फेक न्यूज|फ़ेक न्यूज़|फर्जी खबर|फ़र्ज़ी|फर्जी है|भ्रामक|झूठा दावा|
            दावा गलत|दावा झूठा|सच नहीं है|सही नहीं है|फैक्ट चेक|फ़ैक्ट चेक|कोई सबूत नहीं|निराधार|खंडन किया|
            विश्वास न करें|यकीन न करें|शेयर न करें|झूठी अफवाह|कोई सच्चाई नहीं""",
        "ja": """これはデマ|デマです|デマだ|デマで|デマが|デマを|デマに|デマの|デマは|デマ情報|誤情報|偽情報|
            フェイクニュース|ファクトチェック|事実ではありません|事実ではない|事実じゃない|事実と異な|事実無根|
            根拠のない|根拠はありません|根拠がありません|証拠はありません|証拠はない|真実ではあり|真実ではない|作り話|
            捏造|虚偽の情報|虚偽情報|根も葉もない|ガセネタ|嘘です|うそです|ウソです|誤りです|真っ赤な嘘|拡散しないで|
            広めないで|加工された画像|加工されたもの|合成画像|否定しました|否定しています|を否定|が否定|否定した|
            誤った情報|間違った情報|信じないで|証拠は見つかって|偽物だ|偽物で|騙されないで|だまされないで|
            真偽不明の情報""",
        "ko": """가짜뉴스|가짜 뉴스|사실이 아|사실무근|사실 무근|허위사실|허위 사실|허위정보|허위 정보|팩트체크|
            팩트 체크|거짓 정보|거짓입니다|거짓으로|근거 없는|근거가 없|루머일 뿐|루머입니다|유포하지|퍼뜨리지|
            퍼트리지|오보입니다|조작된 영상|조작된 사진|사실과 다르|사실과 다릅|증거는 없|증거가 없|믿지 마|
            속지 마""",
        "zh": """辟谣|谣言|谣传|不实|假消息|假新闻|不是真的|不属实|子虚乌有|没有证据|并无证据|虚假信息|虚假消息|
            事实核查|请勿传播|不要传播|不信谣|断章取义|闢謠|謠言|謠傳|不實|假新聞|不屬實|沒有證據|虛假訊息|事實查核|
            請勿轉傳|不要轉傳|毫无根据|没有根据|不要相信|纯属虚构|纯属捏造|纯属谣言|不可信|毫無根據""",
    },
    Cue.VERDICT: {
        "en": """false|fake|a hoax|untrue|a lie|bogus|baseless|unfounded|fabricated|misleading|doctored|photoshopped|
            manipulated|digitally altered|a deepfake|incorrect|inaccurate|not real|isn't real|not genuine|
            isn't genuine|not accurate|not true|no basis|unproven|out of context|a forgery|forged|not recent|
            no evidence|a fake|a myth|made up|misinformation|disinformation|satire|satirical|from another country|
            in another country|from another town|completely wrong|totally wrong|simply wrong""",
        "es": """falso|falsa|falsos|falsas|mentira|manipulad*|engaños*|trucad*|un montaje|no es verdad|no es cierto|
            es inventad*|de otro país|otro país|son falsos|sin sentido|un disparate""",
        "fr": """faux|fausse|fausses|truquée*|mensong*|trompeu*|détourné*|inventé*|un montage|infondé*|un faux|
            d'un autre pays|autre pays""",
        "de": """falsch|gefälscht*|unwahr|erfunden*|manipuliert*|fake|lüge|eine ente|unsinn|unbegründet|haltlos|
            nicht echt|stimmt nicht|stimmen nicht|nicht wahr|fälschung|anderen land|quatsch|kompletter unsinn|
            frei erfunden|ein fake|falsche|falscher|falschen|falsches|haltlose""",
        "pt": "falso|falsa|falsos|falsas|mentira|manipulad*|enganos*|uma montagem|inventad*|de outro país|outro país",
        "it": """falso|falsa|falsi|false|inventat*|manipolat*|ingannevol*|fotomontaggio|infondat*|di un altro paese|
            altro paese|una bufala|fasulle|fasullo|fasulla""",
        "nl": "vals|nep|onjuist*|verzonnen|gemanipuleerd*|misleidend*|klopt niet",
        "pl": "fałszyw*|nieprawd*|zmyślon*|zmanipulowan*|spreparowan*",
        "ru": """ложн*|ложь|неправда|выдум*|поддел*|сфабрикован*|не соответствует|фейк*|другой страны|
            сфальсифицирован*""",
        "tr": "yanlış|yalan|sahte|uydurma|montaj", "id": "palsu|bohong|tidak benar|rekayasa",
        "ar": "كاذب|كاذبة|مفبركة|مضلل|مضللة|زائف|زائفة|ملفق|ملفقة",
        "hi": "झूठी|झूठा|झूठ है|फर्जी|फ़र्ज़ी|गलत|भ्रामक|निराधार",
        "ja": "誤り|偽物|虚偽|捏造|フェイク|間違い|別の国|デマ|無関係|関係のない|関係ない|嘘です|嘘だ|ウソ",
        "ko": "거짓|가짜|허위|조작|다른 나라|사실무근", "zh": "虚假|假的|不实|伪造|误导|其他国家|谣言|编造",
    },
    Cue.REJECTS: {
        "en": """deny|denies|denied|denying|dismiss*|reject*|refut*|rebut*|quash*|shoot down|shoots down|shot down|
            rubbishes|slams|counter|counters""",
        "es": "rechaza*|niega*|negó|negaron|refut*|aclara*", "fr": "dément|démentent|rejett*|réfut*|nie|nient",
        "de": "weist|weisen|wies|bestreite*|dementier*|entkräfte*", "pt": "nega|negou|negam|rejeita*|refut*|rebate*",
        "it": "nega|negano|respinge|respingono|smonta*", "nl": "ontken*|spreekt|weerleg*",
        "pl": "zaprzecz*|dementuj*", "ru": "отрица*|опровер*", "tr": "yalanla*|reddet*",
        "id": "bantah|membantah|menepis|menyangkal", "ar": "ينفي|تنفي|نفى|نفت|نفي", "hi": "खंडन|इनकार",
        "ja": "否定|反論", "ko": "부인|반박|일축", "zh": "否认|驳斥|否認|駁斥",
    },
    Cue.NO: {
        "en": "no|nope", "es": "no", "fr": "non", "de": "nein", "pt": "não", "it": "no", "nl": "nee", "pl": "nie",
        "ru": "нет", "tr": "hayır", "id": "tidak", "ja": "いいえ|いや", "ko": "아니요|아닙니다", "zh": "不是的",
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
