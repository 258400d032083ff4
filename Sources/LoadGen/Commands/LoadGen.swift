import ArgumentParser
import AsyncHTTPClient
import NIOSSL
import Yams
@main struct LoadGen: ParsableCommand {}
