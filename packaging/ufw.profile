[Earshot]
title=Earshot
description=Messages and files between people on the local network
ports=47447/tcp|47447/udp|5353/udp
