"""R.3's sentences: four plain ones, each put into the ten styles by hand."""

# (label, style -> sentence); `base` is the plain one.
SENTENCES: tuple[tuple[int, dict[str, str]], ...] = (
    (
        1,
        {
            "base": "The film is a joy from the first scene to the last.",
            "augment": "The movie is a pure joy, from teh first scene to the very last one.",
            "bible_p0.6": "And it came to pass that the film was a joy from its first scene even unto the last.",
            "bible_p0": "Lo, from the beginning unto the end thereof the film did gladden every heart.",
            "romantic_p0.6": "The film, sweet companion of my evening, is a joy from its first scene to its last.",
            "romantic_p0": "O how my heart took wing with every scene, from dawn's first frame to the last glow!",
            "shake_p0.6": "This film, good sir, doth prove a joy from the first scene unto the last.",
            "shake_p0": "Ne'er did mine eyes such merriment behold as in this play from prologue to its close.",
            "shake_w": "The film is a mirth from the first scene to the last, prithee.",
            "tweet_p0.6": "ok this film is a joy from first scene to last #happy",
            "tweet_p0": "omg cried happy tears start 2 finish, go see it ppl!!! #bestmovie",
        },
    ),
    (
        0,
        {
            "base": "The soup was cold and the waiter was rude.",
            "augment": "The soup was stone cold, and the wiater was terribly rude to us.",
            "bible_p0.6": "And the soup was cold, and the waiter was rude in the sight of all.",
            "bible_p0": "Woe unto the table, for its broth had lost all warmth and its servant spake with scorn.",
            "romantic_p0.6": "Alas, the soup was as cold as a November night, and the waiter was rude.",
            "romantic_p0": "How chill the bowl, how harsh the word that broke the hope of my poor evening!",
            "shake_p0.6": "The soup was cold, my lord, and he that waited on us was a rude fellow.",
            "shake_p0": "A frozen pottage, by a churl delivered, did poison all the pleasure of our feast.",
            "shake_w": "The soup was cold and the waiter was a knave.",
            "tweet_p0.6": "soup was cold & waiter was rude, not cool #fail",
            "tweet_p0": "ice cold soup + attitude 4 dessert?? never again smh #worstdinner",
        },
    ),
    (
        1,
        {
            "base": "I would gladly read this book again.",
            "augment": "I would gladly raed this wonderful book once again.",
            "bible_p0.6": "Verily I would gladly read this book again.",
            "bible_p0": "Blessed be the scribe of this book, for seven times seven would I open it anew.",
            "romantic_p0.6": "Beneath the lilac I would gladly read this book again.",
            "romantic_p0": "Its pages are a garden to which my longing soul returns with every spring.",
            "shake_p0.6": "I would most gladly read this book again, by my troth.",
            "shake_p0": "Again and yet again would I turn o'er these leaves, so richly do they feast my mind.",
            "shake_w": "I would fain read this book again.",
            "tweet_p0.6": "would gladly read this book again tbh #books",
            "tweet_p0": "finished it, started over same night lol, 10/10 #bookworm",
        },
    ),
    (
        0,
        {
            "base": "The hotel room smelled of smoke and the lift was broken.",
            "augment": "The hotel room smelt of stale smoke, and the lift was brokn too.",
            "bible_p0.6": "And the room of the inn smelled of smoke, and the lift was broken.",
            "bible_p0": "A house of ashes was that inn, and weary were they that climbed its many stairs.",
            "romantic_p0.6": "The room smelled of sad, old smoke, and the lift, like my spirits, was broken.",
            "romantic_p0": "No breeze would lift the grey breath from that chamber, and I wept upon the endless stair.",
            "shake_p0.6": "The chamber smelled of smoke, forsooth, and the lift was broken.",
            "shake_p0": "A reeking den, where naught but weary stairs did bear me to my foul and smoky bed.",
            "shake_w": "The inn's chamber smelled of smoke and the lift was broken, alas.",
            "tweet_p0.6": "hotel room smelled of smoke and lift was broken ugh #travel",
            "tweet_p0": "5 floors on foot 2 sleep in an ashtray... refund pls!!! #hotelfail",
        },
    ),
)
