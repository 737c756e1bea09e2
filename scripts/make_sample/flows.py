"""What P.3's sample asks about: who tells whom what, and how far people would expect it (-100 to 100).

Lines 0 to 13 and 14 to 27 go through the same fourteen things, so that each meets its picture.
"""

THINGS = (
    "blood test",
    "phone number",
    "school report",
    "wage",
    "home address",
    "voice mail",
    "shopping list",
    "love letter",
    "travel plan",
    "bank balance",
    "diary",
    "exam answers",
    "family photo",
    "house key",
)

FLOWS = (
    ("A nurse shows a patient the blood test that was taken from him.", 92.5),
    ("A shop gives a customer's phone number to an advertiser it works with.", -78.0),
    ("A teacher hands a pupil's school report to the pupil's parents.", 84.0),
    ("A clerk tells the canteen what a colleague's wage is.", -81.5),
    ("A bakery writes the buyer's home address on the parcel for its own driver.", 76.0),
    ("A phone company plays a caller's voice mail to its summer trainees.", -88.0),
    ("A husband reads the family's shopping list to his wife.", 95.0),
    ("A postman reads a love letter aloud in the pub.", -97.5),
    ("A traveller tells the hotel about her travel plan.", 80.0),
    ("A bank tells a neighbour how high somebody's bank balance is.", -94.0),
    ("A museum shows the diary of a painter who left it to the museum.", 41.5),
    ("A pupil sells last year's exam answers to the next class.", -52.0),
    ("An aunt sends a family photo to the people who are in it.", 88.5),
    ("A tenant lends her house key to a friend who waters the plants.", 63.0),
    ("A laboratory sends a patient's blood test to his employer without asking.", -90.0),
    ("A patient gives her phone number to the practice to be called back.", 86.0),
    ("A school pins every school report to the door of the gym.", -71.0),
    ("A worker tells the tax office what his wage was.", 58.5),
    ("A taxi driver tells strangers the home address of a singer.", -92.0),
    ("A daughter listens to her father's voice mail because he asked her to.", 67.0),
    ("A shop shows a customer's shopping list to her landlord.", -64.5),
    ("A woman shows a love letter to the man whom she wrote it to.", 90.0),
    ("An airline posts a passenger's travel plan on a notice board.", -83.0),
    ("A bank shows a customer his own bank balance on a screen.", 93.5),
    ("A sister copies her brother's diary for her friends.", -86.0),
    ("A teacher goes through the exam answers with the class afterwards.", 72.0),
    ("A camera shop puts a family photo into its window without asking.", -58.0),
    ("A landlord hands a copy of a tenant's house key to a newspaper.", -95.5),
)
