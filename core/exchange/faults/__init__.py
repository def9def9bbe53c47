"""What can be made to go wrong: single faults, and drills, which are scripts of them.

Data and who is asked whether a fault strikes; each is carried out where it strikes, in
`matching` and `api`. No socket and no clock enters. Begin at the table in `faults`.
"""
