"""Wordings of the questions about pictures, and of the forms of answer around any question."""

from scripts.demo_model.pairs import Wordings

FORMS = {
    "yes-no form": Wordings(
        train=(
            "{query} Answer [Yes] or [No].",
            "{query} Answer with [Yes] or [No] only.",
            "{query} Say [Yes] or [No].",
            "Look at the picture. {query} Answer [Yes] or [No].",
            "{query} Just [Yes] or [No], please.",
            "{query} Choose [Yes] or [No], nothing else.",
            "Answer [Yes] or [No]: {query}",
            "{query}",
        ),
        held=(
            "{query} Reply [Yes] or [No] without further words.",
            "Please decide between [Yes] and [No]. {query}",
            "{query} A plain [Yes] or [No] will do.",
        ),
    ),
    "reason form": Wordings(
        train=(
            "{query} Answer [Yes] or [No] and give a reason.",
            "{query} Say [Yes] or [No] and explain it in one sentence.",
            "{query} Start with [Yes] or [No], then explain.",
            "{query} [Yes] or [No]? Tell me why.",
        ),
        held=(
            "{query} Reply [Yes] or [No] together with your reason.",
            "{query} First [Yes] or [No], afterwards a short explanation.",
        ),
    ),
    "short form": Wordings(
        train=(
            "{query}",
            "{query}",
            "{query} Answer in a word or two.",
            "{query} Answer with one word.",
            "{query} Be brief.",
            "{query} Give only the answer.",
            "Look at the picture. {query}",
            "{query} Look closely.",
            "Answer shortly: {query}",
            "Please answer. {query}",
            "{query} No explanation, please.",
        ),
        held=(
            "{query} Keep the answer short.",
            "Study the image. {query}",
            "{query} State the answer and stop.",
            "I have a question. {query}",
        ),
    ),
    "box form": Wordings(
        train=(
            "{query} Answer with a box [x_min, y_min, x_max, y_max].",
            "{query} Give the box as four numbers between 0 and 1.",
            "{query} Box it: [left, top, right, bottom], each from 0 to 1.",
            "{query} Give its bounding box.",
            "{query} Answer with its coordinates as a list of four numbers.",
        ),
        held=(
            "{query} Reply with the bounding box only, in shares of the picture.",
            "{query} Write the corner coordinates as [x_min, y_min, x_max, y_max].",
        ),
    ),
    "describe form": Wordings(
        train=(
            "Describe the picture.",
            "Describe this picture in detail.",
            "What is in the picture?",
            "What does the picture show?",
            "Tell me what you see.",
            "Please describe what is shown here.",
            "Give a description of the image.",
            "What can you see here?",
            "Write down all that the picture shows.",
            "Describe everything in the picture in one sentence.",
            "Name all the figures in the picture.",
        ),
        held=(
            "Give me an account of what this image contains.",
            "Which things are shown in this picture?",
            "Put into words what you see in the image.",
            "Could you describe the scene?",
        ),
    ),
}

SCENES = {
    "present": Wordings(
        train=(
            "Is there {thing} in the picture?",
            "Is there {thing} in the image?",
            "Does the picture show {thing}?",
            "Does the image contain {thing}?",
            "Can you see {thing}?",
            "Do you see {thing} in the picture?",
            "Is {thing} shown?",
            "Are there any {things} in the picture?",
            "Is {thing} among the figures?",
            "Does {thing} appear in the picture?",
            "Is there {thing} here?",
        ),
        held=(
            "Would you find {thing} in this picture?",
            "Has anyone drawn {thing} here?",
            "Is {thing} visible in this image?",
            "Does this drawing have {thing} in it?",
        ),
    ),
    "is colored": Wordings(
        train=(
            "Is the {shape} {color}?",
            "Is the {shape} in the picture {color}?",
            "Is the colour of the {shape} {color}?",
            "Does the {shape} have the colour {color}?",
            "Is {color} the colour of the {shape}?",
            "The {shape} is {color}. Is that right?",
        ),
        held=(
            "Would you say that the {shape} is {color}?",
            "Has the {shape} been painted {color}?",
            "Is it true that the {shape} is {color}?",
        ),
    ),
    "color": Wordings(
        train=(
            "What colour is the {shape}?",
            "What is the colour of the {shape}?",
            "Which colour is the {shape}?",
            "Which colour does the {shape} have?",
            "What colour is the {shape} in the picture?",
            "The {shape} has which colour?",
            "In what colour is the {shape} drawn?",
            "Name the colour of the {shape}.",
            "What color is the {shape}?",
            "Tell me the colour of the {shape}.",
        ),
        held=(
            "How is the {shape} coloured?",
            "Which colour did they give the {shape}?",
            "Say what colour the {shape} has.",
            "What is the {shape}'s colour?",
        ),
    ),
    "color misled": Wordings(
        train=(
            "The {shape} is {wrong}, is it not? What colour is it?",
            "Somebody says the {shape} is {wrong}. What colour is it in the picture?",
            "Here is a {wrong} {shape}. Which colour does the {shape} really have?",
            "What colour is the {wrong} {shape} in the picture really?",
            "Since the {shape} is {wrong}, what is its colour?",
            "My friend calls the {shape} {wrong}. What is its true colour?",
            "Everybody knows that the {shape} is {wrong}. What colour is the {shape}?",
            "Given that the {shape} is {wrong}, what colour is the {shape} in the picture?",
        ),
        held=(
            "I was told that the {shape} is {wrong}; which colour has it got?",
            "They painted the {shape} {wrong}. So what colour do you see on the {shape}?",
            "If the {shape} were {wrong} it would be strange. What colour is the {shape} here?",
        ),
    ),
    "beside": Wordings(
        train=(
            "What colour is the {shape} next to the {name}?",
            "What is the colour of the {shape} near the {name}?",
            "Which colour has the {shape} close to the {name}?",
            "There is a {shape} by the {name}. What colour is the {shape}?",
            "Beside the {name} stands a {shape}. Which colour is it?",
        ),
        held=(
            "How is the {shape} coloured that goes with the {name}?",
            "Name the colour of the {shape} by the {name}.",
        ),
    ),
    "shape": Wordings(
        train=(
            "Which shape is {color}?",
            "What is the {color} figure?",
            "What shape is the {color} figure?",
            "What shape does the {color} figure have?",
            "Which figure is {color}?",
            "What is {color} in the picture?",
            "Name the shape of the {color} figure.",
            "The {color} thing is of which shape?",
            "What object is {color}?",
        ),
        held=(
            "Say which shape the {color} one has.",
            "What form does the {color} figure take?",
            "Which kind of figure was drawn in {color}?",
        ),
    ),
    "ground": Wordings(
        train=(
            "What colour is the ground?",
            "What is the colour of the background?",
            "Which colour does the ground have?",
            "On what ground do the figures stand?",
            "What colour is the background of the picture?",
        ),
        held=("How is the background coloured?", "Name the colour behind the figures."),
    ),
    "ground yes-no": Wordings(
        train=(
            "Is the ground {ground}?",
            "Is the background {ground}?",
            "Do the figures stand on a {ground} ground?",
            "Does the picture have a {ground} background?",
            "Does the picture show shapes on a {ground} ground?",
        ),
        held=("Is {ground} the colour behind the figures?", "Have they chosen {ground} as the background?"),
    ),
    "count": Wordings(
        train=(
            "How many {things} are there?",
            "How many {things} are in the picture?",
            "How many {things} do you see?",
            "How many {things} can you count?",
            "Count the {things}.",
            "What is the number of {things}?",
            "How many {things} does the picture show?",
            "How many {things} are shown?",
            "Tell me how many {things} there are.",
            "Count all {things} in the picture.",
            "What number of {things} is in the image?",
        ),
        held=(
            "Give the total of {things} in this picture.",
            "How many {things} have been drawn here?",
            "Please count up the {things}.",
            "The picture holds how many {things}?",
        ),
    ),
    "count yes-no": Wordings(
        train=(
            "{are} there {number} {things} in the picture?",
            "{are} there exactly {number} {things}?",
            "Does the picture show {number} {things}?",
            "Do you see {number} {things}?",
            "Is the number of {things} {number}?",
            "Can you count {number} {things}?",
        ),
        held=(
            "Would you count {number} {things} here?",
            "Have they drawn {number} {things}?",
            "Does this image hold exactly {number} {things}?",
        ),
    ),
    "where": Wordings(
        train=(
            "Where is the {name}?",
            "Where is the {name} in the picture?",
            "Where do you see the {name}?",
            "Find the {name}.",
            "Locate the {name}.",
            "Where does the {name} stand?",
            "In which part of the picture is the {name}?",
            "Where can I find the {name}?",
        ),
        held=("At what place is the {name}?", "Show me where the {name} is.", "Point out the {name}."),
    ),
    "spatial": Wordings(
        train=(
            "Is the {first} {way} the {second}?",
            "Does the {first} stand {way} the {second}?",
            "Is the {first} to be found {way} the {second}?",
            "The {first} is {way} the {second}. Is that right?",
            "Do you see the {first} {way} the {second}?",
            "In the picture, is the {first} {way} the {second}?",
        ),
        held=(
            "Would you say the {first} lies {way} the {second}?",
            "Is it true that the {first} is {way} the {second}?",
            "Has the {first} been drawn {way} the {second}?",
        ),
    ),
    "larger": Wordings(
        train=(
            "Is the {first} {way} than the {second}?",
            "Is the {first} in the picture {way} than the {second}?",
            "The {first} is {way} than the {second}. Is that right?",
            "Does the {first} look {way} than the {second}?",
            "Compared with the {second}, is the {first} {way}?",
        ),
        held=(
            "Would you call the {first} {way} than the {second}?",
            "Is it true that the {first} is {way} than the {second}?",
        ),
    ),
    "more": Wordings(
        train=(
            "Are there {way} {first} than {second}?",
            "Are there {way} {first} than {second} in the picture?",
            "Does the picture show {way} {first} than {second}?",
            "Do you see {way} {first} than {second}?",
            "Do the {first} number {way} than the {second}?",
        ),
        held=("Would you count {way} {first} than {second}?", "Have they drawn {way} {first} than {second}?"),
    ),
    "extreme": Wordings(
        train=(
            "Which figure is the {way}?",
            "What is the {way} figure?",
            "Which is the {way} figure in the picture?",
            "Name the {way} figure.",
            "What figure is {way}?",
        ),
        held=("Tell me the {way} one of the figures.", "Of all figures, which one is {way}?"),
    ),
    "alike all": Wordings(
        train=(
            "Do all figures have the same {what}?",
            "Are all figures of the same {what}?",
            "Is the {what} of all figures the same?",
            "Do all the figures share one {what}?",
        ),
        held=("Is every figure of one {what}?", "Have all of them got the same {what}?"),
    ),
    "alike two": Wordings(
        train=(
            "Are there two figures of the same {what}?",
            "Do two figures have the same {what}?",
            "Do at least two figures share a {what}?",
            "Is there a {what} that two figures share?",
        ),
        held=("Does any {what} come up more than once?", "Can you find two figures with one {what}?"),
    ),
}
