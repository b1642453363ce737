"""The cast (人物): the people of the demo's roster that the tests speak of, by their codes."""

HU = "110102010002-L1"
"""胡晓兰, chief of one community, whose grid is one."""
WAN = "110102010005-L1"
"""万枕萱, chief of another community of the same street."""
GU = "110102010019-L1"
"""顾梓, chief of a community that two grids serve."""
XIE = "110102010-L1"
"""谢怀棠, chief of 德胜街道: many grids."""
SHOUZI = "110102-L07"
"""万守梓, chief of the district."""

HOME = (116.385325, 39.949052)
"""In 胡晓兰's own grid (WGS-84 longitude and latitude)."""
HOME_58_M_ON = (116.386, 39.949052)
"""In the same grid, beyond the 50 m within which a second patrol is the first one again."""
ELSEWHERE = (116.378, 39.961117)
"""In a neighbour's grid, more than a kilometre from 胡晓兰's."""
